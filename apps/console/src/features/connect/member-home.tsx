'use client';

import { PlugsIcon } from '@phosphor-icons/react/ssr';
import { useQuery } from '@tanstack/react-query';

import { useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { OutcomeChip } from '../../ui/badge.tsx';
import { LinkButton } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { EmptyState } from '../../ui/states.tsx';

/** The last calls of the person who looks. */
function OwnCalls() {
  const trpc = useTRPC();
  const { me } = useMe();
  const calls = useQuery(
    trpc.receipt.list.queryOptions({ personId: me?.membershipId, limit: 10 }, { enabled: me !== undefined }),
  );
  return (
    <Card title="Your recent calls" padded={false}>
      <Loaded query={calls} errorTitle="Your calls could not be loaded">
        {({ rows }) =>
          rows.length === 0 ? (
            <p className="px-4 py-6 text-center text-muted">
              No call yet. It shows here a moment after your AI client has made one.
            </p>
          ) : (
            <ul className="divide-y divide-line">
              {rows.map(({ id, advertisedName, argumentsSummary, outcome, receivedAt }) => (
                <li key={id} className="flex h-9 items-center gap-3 px-4">
                  <span className="shrink-0 font-mono text-xs">{advertisedName ?? 'unknown tool'}</span>
                  <span className="min-w-0 flex-1 truncate font-mono text-xs text-subtle">{argumentsSummary}</span>
                  <OutcomeChip outcome={outcome} />
                  <RelativeTime at={receivedAt} className="w-20 text-right text-subtle" />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Card>
  );
}

/** What a member sees first: the profiles to connect to, and the own calls. */
export function MemberHome() {
  const trpc = useTRPC();
  const path = usePath();
  const profiles = useQuery(trpc.profile.list.queryOptions());
  return (
    <>
      <PageHeader title="Your profiles" sub="Which workflows can your AI client use?" />
      <div className="max-w-180 space-y-4">
        <Loaded query={profiles} errorTitle="Your profiles could not be loaded">
          {(rows) => {
            const usable = rows.filter(
              ({ hasAccess, disabled, publishedVersion }) => hasAccess && !disabled && publishedVersion !== null,
            );
            return (
              <Card padded={false}>
                {usable.length === 0 ? (
                  <EmptyState icon={PlugsIcon} title="No profiles yet">
                    A profile is a set of tools that you may use from your AI client. An owner or admin gives you access to one.
                  </EmptyState>
                ) : (
                  <ul className="divide-y divide-line">
                    {usable.map(({ id, slug, name, description }) => (
                      <li key={id} className="flex items-center gap-4 px-4 py-3">
                        <div className="min-w-0 flex-1">
                          <p className="font-medium">{name}</p>
                          <p className="text-muted">{description}</p>
                        </div>
                        <LinkButton href={path(`/profiles/${slug}/connect`)} aria-label={`Connect to ${name}`}>
                          Connect
                        </LinkButton>
                      </li>
                    ))}
                  </ul>
                )}
              </Card>
            );
          }}
        </Loaded>
        <OwnCalls />
      </div>
    </>
  );
}
