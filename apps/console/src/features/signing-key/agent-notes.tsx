'use client';

import Link from 'next/link';

import { usePath } from '../../trpc/use-path.ts';
import { Banner } from '../../ui/layout/card.tsx';
import { listNames, type SigningKeys } from './signing-key-words.ts';

/** The agents that stand in the way of a rotation, or have not followed the last one. */
export function AgentNotes({ keys: { keys, ahead, lagging, behind } }: { keys: SigningKeys }) {
  const doesRootSign = keys.some(({ isRoot, retiredAt }) => isRoot && retiredAt === null);
  return (
    <>
      {ahead.total > 0 && (
        <Banner tone="danger" title="Agents know a newer key than this database">
          It was restored to before a rotation. <AgentNames agents={ahead} /> will take nothing new until an owner rotates the
          signing key.
        </Banner>
      )}
      {lagging.total > 0 && (
        <Banner tone="warn" title={doesRootSign ? 'The key cannot be rotated yet' : 'Agents that take nothing new'}>
          These accept only what the root signs: <AgentNames agents={lagging} />. Update them, or revoke those that are gone.
        </Banner>
      )}
      {behind.total > 0 && (
        <Banner tone="info" title="Not every agent has the newest keyset">
          <AgentNames agents={behind} /> will take it on connecting, before anything else.
        </Banner>
      )}
    </>
  );
}

/** Each with its page: that is where it is looked at, and revoked. Those that are only counted are in the list of agents. */
function AgentNames({ agents }: { agents: SigningKeys['lagging'] }) {
  const path = usePath();
  return listNames(agents).map(({ text, page }, index) =>
    page === null ? (
      <span key={index}>{text}</span>
    ) : (
      <Link key={page} href={path(page)} className="underline">
        {text}
      </Link>
    ),
  );
}
