'use client';

import { CheckCircleIcon } from '@phosphor-icons/react/ssr';
import Link from 'next/link';

import { usePath } from '../../trpc/use-path.ts';
import { LinkButton } from '../../ui/button.tsx';
import { Card } from '../../ui/layout/card.tsx';
import { FullTime, RelativeTime, useNow } from '../../ui/text/relative-time.tsx';
import { UntrustedText } from '../../ui/text/untrusted-text.tsx';
import { describeCalm, describeNeed, type Need, type Needs } from './need-words.ts';

/** Everything that waits for the one who looks, the gravest first, each with its age and the screen where something can be done. */
export function NeedsYou({ needs, inStep }: { needs: Needs; inStep: boolean }) {
  const { items, total, others } = needs;
  const calm = describeCalm(needs, inStep);
  const more = total - items.length;
  return (
    <Card title="Needs you" padded={false}>
      {calm !== null && (
        <p className="flex items-center gap-2 px-4 py-3 text-muted">
          <CheckCircleIcon aria-hidden size={16} className="shrink-0 text-ok-fg" />
          {calm}
        </p>
      )}
      {items.length > 0 && (
        <ul aria-label="Needs you" className="divide-y divide-line">
          {items.map((need) => (
            <Row key={`${need.kind} ${need.id} ${need.place}`} need={need} />
          ))}
        </ul>
      )}
      {calm === null && (more > 0 || others > 0) && (
        <p className="border-t border-line px-4 py-2 text-xs text-subtle">
          {[more > 0 && `${more} more like these.`, others > 0 && `${others} ${others === 1 ? 'waits' : 'wait'} for others.`]
            .filter((part) => part !== false)
            .join(' ')}
        </p>
      )}
    </Card>
  );
}

function Row({ need }: { need: Need }) {
  const path = usePath();
  const { before, after, ends, action } = describeNeed(need);
  const { subject, since, until, reason } = need;
  return (
    <li className="flex min-h-11 items-center gap-4 px-4 py-1.5">
      <span className="min-w-0 flex-1">
        {before !== undefined && `${before} `}
        <Link href={path(need.path)} className="font-medium">
          {subject}
        </Link>{' '}
        {after}
        {reason !== null && (
          <>
            {': '}
            <span className="text-muted">
              <UntrustedText text={reason} />
            </span>
          </>
        )}
        {ends && until !== null && <Ending words={ends} at={until} />}
      </span>
      <span className="flex shrink-0 items-center gap-4 max-sm:flex-col max-sm:items-end max-sm:gap-1">
        {since !== null && <RelativeTime at={since} className="text-xs text-subtle" />}
        <LinkButton size="small" href={path(need.path)} className="sm:min-w-20">
          {action}
        </LinkButton>
      </span>
    </li>
  );
}

function Ending({ words: [future, past], at }: { words: [string, string]; at: Date }) {
  const now = useNow();
  return (
    <>
      {' '}
      {now !== null && at.getTime() <= now ? past : future} <FullTime at={at} />.
    </>
  );
}
