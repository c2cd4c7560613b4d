'use client';

import Link from 'next/link';

import { usePath } from '../../trpc/use-path.ts';
import { describeRisk } from '../../ui/status/badge.tsx';
import type { ReviewEntry } from './summary.ts';

type Said = ReviewEntry['elsewhere'][number];

/** What was decided on the entry in other reviews of the same upstream, and where. */
export function Elsewhere({ entry }: { entry: ReviewEntry }) {
  const path = usePath();
  return (
    <section aria-label={`Decisions elsewhere on ${entry.name}`}>
      <h4 className="text-xs text-subtle">The same upstream, decided elsewhere</h4>
      <ul className="flex flex-col gap-1">
        {entry.elsewhere.map((said) => (
          <li key={`${said.reviewId} ${describeSaid(said)}`} className="wrap-anywhere">
            {said.reviewId === null ? (
              <>{said.serverName}, which is not there any more</>
            ) : (
              <Link href={path(`/reviews/${said.reviewId}`)} className="text-accent-fg underline">
                {said.serverName}
              </Link>
            )}
            : {describeSaid(said)}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** "rejected as destructive, with another definition". */
export function describeSaid({ verdict, risk, isSame, waits }: Omit<Said, 'serverName' | 'reviewId'>): string {
  const as = risk === null ? '' : ` as ${describeRisk(risk).toLowerCase()}`;
  return `${verdict}${as}${isSame ? '' : ', with another definition'}${waits ? ', waiting for a second person' : ''}`;
}
