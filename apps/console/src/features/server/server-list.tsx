'use client';

import { ArchiveIcon, HardDrivesIcon, PlusIcon } from '@phosphor-icons/react/ssr';
import { useInfiniteQuery } from '@tanstack/react-query';
import { parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import type { ReactNode } from 'react';

import { sumCounts } from '@gatehouse/policy/documents/entry-counts';

import { useTRPC, type ApiOutput } from '../../trpc/client.tsx';
import { LIST_PAGES } from '../../trpc/list-pages.ts';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { useSiteOptions } from '../../trpc/use-sites.ts';
import { LinkButton } from '../../ui/button.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import type { Column } from '../../ui/layout/table.tsx';
import { buildArchiveBulk } from '../../ui/list/archive-bulk.tsx';
import { buildFilter } from '../../ui/list/filter-select.tsx';
import { ListTable } from '../../ui/list/list-table.tsx';
import { useBulk } from '../../ui/list/use-bulk.ts';
import { useListState } from '../../ui/list/use-list-state.ts';
import { UsedOrArchived } from '../../ui/list/used-or-archived.tsx';
import { Badge } from '../../ui/status/badge.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { describeCount } from '../../ui/text/count.ts';
import { RelativeTime } from '../../ui/text/relative-time.tsx';
import { describeApproved, describeApprovedTotal } from './approved-words.ts';
import { EndServers } from './end/end-servers.tsx';
import { ServerStateDot } from './server-state.tsx';

type ServerRow = ApiOutput['server']['list']['rows'][number];

const KIND = { http: 'HTTP', stdio: 'stdio', rest: 'REST' } as const;

/** "3 of 17 tools, 14 of 14 other entries, 2 waiting"; in a narrow table "17 of 31 entries, 2 waiting". */
function Approved({ row }: { row: ServerRow }) {
  if (sumCounts(row.offered) === 0) return <span className="text-subtle">Nothing found yet</span>;
  return (
    <>
      <span className="@max-[46rem]:hidden" title={describeApproved(row)}>
        {describeApproved(row)}
      </span>
      <span className="@min-[46rem]:hidden">{describeApprovedTotal(row)}</span>
      {row.pendingCount > 0 && <span className="text-warn-fg">, {row.pendingCount} waiting</span>}
    </>
  );
}

/** A server that some agents leave out is still what it is at the others. */
function State({ row: { state, withheldBy } }: { row: ServerRow }) {
  return (
    <>
      <ServerStateDot state={state} />
      {withheldBy > 0 && state !== 'Withheld' && (
        <span className="ml-1 text-warn-fg @max-[46rem]:ml-4 @max-[46rem]:block @max-[46rem]:text-xs">
          not at {describeCount(withheldBy, 'agent')}
        </span>
      )}
    </>
  );
}

const COLUMNS: readonly Column<ServerRow>[] = [
  { key: 'name', header: 'Server', share: 'w-3/12', sort: { by: 'name', first: 'asc' }, cell: ({ name }) => name },
  { key: 'state', header: 'State', cell: (row) => <State row={row} /> },
  {
    key: 'address',
    header: 'Reached at',
    hideBelow: 'lg',
    share: 'w-4/12',
    cell: ({ kind, address }) =>
      kind === null || address === null ? (
        <span className="text-subtle">cannot be read</span>
      ) : (
        <span className="flex items-center gap-2">
          <Badge>{KIND[kind]}</Badge>
          <span className="truncate font-mono text-xs text-muted" title={address}>
            {address}
          </span>
        </span>
      ),
  },
  { key: 'approved', header: 'Approved', share: 'w-3/12', cell: (row) => <Approved row={row} /> },
  { key: 'sites', header: 'Sites', hideBelow: 'xl', share: 'w-2/12', cell: ({ siteNames }) => siteNames.join(', ') },
  { key: 'profiles', header: 'Profiles', align: 'end', hideBelow: 'md', cell: ({ profileCount }) => profileCount },
  {
    key: 'updated',
    header: 'Changed',
    sort: { by: 'changed', first: 'desc' },
    align: 'end',
    hideBelow: 'md',
    cell: ({ updatedAt }) => <RelativeTime at={updatedAt} className="text-subtle" />,
  },
];

const FILTERS = {
  archived: parseAsBoolean.withDefault(false),
  kind: parseAsStringLiteral(['http', 'stdio', 'rest']),
  waits: parseAsStringLiteral(['review', 'off']),
  site: parseAsString,
};

const KINDS = [
  { value: 'http', label: 'HTTP' },
  { value: 'stdio', label: 'stdio' },
  { value: 'rest', label: 'REST' },
] as const;

const WAITS = [
  { value: 'review', label: 'Waits for a review' },
  { value: 'off', label: 'Disabled' },
] as const;

/** What the list is narrowed to, by its address. */
function useServerFilters() {
  const [{ archived, kind, waits, site }, set] = useQueryStates(FILTERS, { history: 'push' });
  const sites = useSiteOptions();
  return {
    archived,
    setArchived: (next: boolean) => void set({ archived: next }),
    asked: { archived, kind: kind ?? undefined, waits: waits ?? undefined, siteId: site ?? undefined },
    filters: [
      buildFilter({ label: 'Kind', any: 'Any kind', options: KINDS, value: kind, onChange: (next) => void set({ kind: next }) }),
      buildFilter({
        label: 'State',
        any: 'Any state',
        options: WAITS,
        value: waits,
        onChange: (next) => void set({ waits: next }),
      }),
      {
        label: 'Site',
        any: 'Any site',
        options: sites,
        value: site,
        onChange: (next: string | null) => void set({ site: next }),
      },
    ],
  };
}

function NoServers({ archived, action }: { archived: boolean; action: ReactNode }) {
  return archived ? (
    <EmptyState icon={ArchiveIcon} title="Nothing is archived">
      A server that is archived leaves the list and stays here with its reviews, until somebody restores or deletes it.
    </EmptyState>
  ) : (
    <EmptyState icon={HardDrivesIcon} title="No servers yet" action={action}>
      A server is something AI clients can use, like GitHub or an internal API. Nothing of it can be called before a review.
    </EmptyState>
  );
}

/** The servers of the tenant: what state each is in and how much of it is approved. */
export function ServerList() {
  const trpc = useTRPC();
  const path = usePath();
  const { can } = useMe();
  const state = useListState(['name', 'changed', 'made']);
  const { archived, setArchived, asked, filters } = useServerFilters();
  const bulk = useBulk<ServerRow, 'archive' | 'restore'>();
  const servers = useInfiniteQuery(trpc.server.list.infiniteQueryOptions({ ...state.asked, ...asked }, LIST_PAGES));
  const add = can('server.create') && (
    <LinkButton href={path('/servers/new')} variant="primary" icon={PlusIcon}>
      Add server
    </LinkButton>
  );
  const isNarrowed = archived || state.search !== '' || filters.some(({ value }) => value !== null);
  const isEmpty = !isNarrowed && servers.data?.pages[0]?.total === 0;
  return (
    <>
      <PageHeader
        title="Servers"
        sub="What can our AI clients reach, and how much of it is approved?"
        primary={servers.data && !isEmpty && add}
      />
      <UsedOrArchived label="Which servers" archived={archived} onChange={setArchived} />
      <ListTable
        label="Servers"
        noun={['server', 'servers']}
        query={servers}
        state={state}
        filters={filters}
        errorTitle="Servers could not be loaded"
        columns={COLUMNS}
        getRowKey={({ id }) => id}
        buildHref={({ slug }) => path(`/servers/${slug}`)}
        bulk={can('server.manage') ? buildArchiveBulk(bulk, archived) : undefined}
        empty={<NoServers archived={archived} action={add} />}
      />
      {bulk.asked && <EndServers {...bulk.asked} onClose={bulk.close} />}
    </>
  );
}
