'use client';

import { PlugsConnectedIcon, StackIcon } from '@phosphor-icons/react/ssr';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { useTRPC, type ApiOutput } from '../../trpc/client.tsx';
import { LIST_PAGES } from '../../trpc/list-pages.ts';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { Button, LinkButton } from '../../ui/button.tsx';
import { CalledName } from '../../ui/entity/call-cells.tsx';
import { Banner, Card } from '../../ui/layout/card.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import { Table } from '../../ui/layout/table.tsx';
import { OutcomeChip } from '../../ui/status/badge.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { CopyText } from '../../ui/text/copy.tsx';
import { ClockTime, RelativeTime } from '../../ui/text/relative-time.tsx';
import { describeMissingEndpoint, findUsable } from './endpoint-words.ts';
import { KeyList } from './key-list.tsx';

type Profile = ApiOutput['profile']['list']['rows'][number];

/** What a plain member sees: the own profiles, the own keys, the own last calls; and below the profiles what the page puts there. */
export function ConnectHome({ children }: { children: ReactNode }) {
  const trpc = useTRPC();
  const profiles = useInfiniteQuery(trpc.profile.list.infiniteQueryOptions({ own: true, limit: 24 }, LIST_PAGES));
  return (
    <div className="mx-auto flex max-w-4xl flex-col gap-8">
      <EndingKeys />
      <section>
        <PageHeader
          title="Your profiles"
          sub="Each holds what one kind of work needs. Connect your AI client to the ones you need."
        />
        <Loaded query={profiles} errorTitle="Your profiles could not be loaded">
          {({ pages }) => <Profiles rows={pages.flatMap((page) => page.rows)} />}
        </Loaded>
        {profiles.hasNextPage && (
          <Button className="mt-3" loading={profiles.isFetchingNextPage} onClick={() => void profiles.fetchNextPage()}>
            Show more profiles
          </Button>
        )}
      </section>
      {children}
      <KeyList title="Your keys" own />
      <LastCalls />
    </div>
  );
}

/** Tells of the first of one's own keys that ends, while there is time to make another; nothing while all last. */
function EndingKeys() {
  const trpc = useTRPC();
  const path = usePath();
  const { data } = useQuery(trpc.clientKey.list.queryOptions({ own: true, state: 'ending', sort: 'expires', limit: 1 }));
  const key = data?.rows[0];
  if (!data || !key) return null;
  const others = data.total - 1;
  return (
    <Banner
      tone="warn"
      title={`Your key ${key.name} for ${key.profile.name} ends soon`}
      action={<LinkButton href={path(`/profiles/${key.profile.slug}/connect`)}>Make a new one</LinkButton>}
    >
      It ends <RelativeTime at={key.expiresAt} />. An AI client that holds it is refused from then on; put a new key into the
      client before that.
      {others > 0 &&
        ` ${others === 1 ? 'Another key of yours ends' : `${others} more of your keys end`} soon as well: see the list below.`}
    </Banner>
  );
}

function Profiles({ rows }: { rows: readonly Profile[] }) {
  const path = usePath();
  if (rows.length === 0) {
    return (
      <Card padded={false}>
        <EmptyState icon={StackIcon} title="No profile for you yet">
          Ask for one below, or have an admin or an owner of your workspace give you access. Then it appears here by itself.
        </EmptyState>
      </Card>
    );
  }
  return (
    <ul className="grid gap-3 sm:grid-cols-2">
      {rows.map(({ id, slug, name, description, endpoints }) => {
        const endpoint = findUsable(endpoints);
        return (
          <li key={id} className="flex min-w-0 flex-col gap-3 rounded-card border border-line bg-surface p-4">
            <div className="min-w-0 flex-1">
              <h2 className="text-base font-semibold">{name}</h2>
              <p className="line-clamp-3 text-muted">{description || 'No description.'}</p>
              {endpoint?.url ? (
                <>
                  <CopyText text={endpoint.url} label="endpoint" className="mt-2 text-subtle" />
                  {!endpoint.isHeard && <p className="text-xs text-warn-fg">No agent at its site is heard of now.</p>}
                </>
              ) : (
                <p className="mt-2 text-xs text-subtle">{describeMissingEndpoint(endpoints[0]?.siteName, false)}</p>
              )}
            </div>
            <LinkButton
              href={path(`/profiles/${slug}/connect`)}
              variant="primary"
              icon={PlugsConnectedIcon}
              className="self-start"
            >
              Connect
            </LinkButton>
          </li>
        );
      })}
    </ul>
  );
}

function LastCalls() {
  const trpc = useTRPC();
  const { me } = useMe();
  const calls = useQuery(
    trpc.receipt.list.queryOptions({ personId: me?.membershipId, limit: 10 }, { enabled: me !== undefined }),
  );
  return (
    <section aria-labelledby="last-calls">
      <h2 id="last-calls" className="mb-2 text-base font-semibold">
        Your last calls
      </h2>
      <Loaded query={calls} errorTitle="Your calls could not be loaded">
        {({ rows }) => (
          <Table
            label="Your last calls"
            rows={rows}
            getRowKey={({ id }) => id}
            columns={[
              {
                key: 'time',
                header: 'Time',
                zoned: true,
                cell: ({ receivedAt }) => <ClockTime at={receivedAt} className="text-muted" />,
              },
              {
                key: 'used',
                header: 'What',
                share: 'w-1/2',
                cell: (call) => <CalledName call={call} />,
              },
              { key: 'profile', header: 'Profile', hideBelow: 'md', share: 'w-1/2', cell: ({ profile }) => profile?.name ?? '–' },
              { key: 'outcome', header: 'Outcome', cell: (call) => <OutcomeChip {...call} /> },
            ]}
            empty={<EmptyState title="No calls yet">What your AI client calls through Gatehouse is listed here.</EmptyState>}
          />
        )}
      </Loaded>
    </section>
  );
}
