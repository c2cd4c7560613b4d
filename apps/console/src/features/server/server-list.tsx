'use client';

import { ArchiveIcon, HardDrivesIcon, PlusIcon } from '@phosphor-icons/react/ssr';
import { useQuery } from '@tanstack/react-query';
import { parseAsBoolean, useQueryState } from 'nuqs';

import { sumCounts } from '@gatehouse/policy/documents/entry-counts';

import { useTRPC, type ApiOutput } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { LinkButton } from '../../ui/button.tsx';
import { Choice } from '../../ui/form/choice.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import { Table, type Column } from '../../ui/layout/table.tsx';
import { Badge } from '../../ui/status/badge.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { describeCount } from '../../ui/text/count.ts';
import { RelativeTime } from '../../ui/text/relative-time.tsx';
import { describeApproved, describeApprovedTotal } from './approved-words.ts';
import { ServerStateDot } from './server-state.tsx';

type ServerRow = ApiOutput['server']['list'][number];

const KIND = { http: 'HTTP', stdio: 'stdio', rest: 'REST' } as const;

/** "3 of 17 tools, 14 of 14 other entries, 2 waiting"; in a narrow table "17 of 31 entries, 2 waiting". */
function Approved({ row }: { row: ServerRow }) {
  if (sumCounts(row.offered) === 0) return <span className="text-subtle">Nothing found yet</span>;
  return (
    <>
      <span className="@max-[46rem]:hidden">{describeApproved(row)}</span>
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
  { key: 'name', header: 'Server', share: 'w-4/12', cell: ({ name }) => name },
  { key: 'state', header: 'State', cell: (row) => <State row={row} /> },
  {
    key: 'address',
    header: 'Reached at',
    hideBelow: 'lg',
    share: 'w-3/12',
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
  { key: 'sites', header: 'Sites', hideBelow: 'xl', share: 'w-2/12', cell: ({ siteSlugs }) => siteSlugs.join(', ') },
  { key: 'profiles', header: 'Profiles', align: 'end', hideBelow: 'md', cell: ({ profileCount }) => profileCount },
  {
    key: 'updated',
    header: 'Changed',
    align: 'end',
    hideBelow: 'md',
    cell: ({ updatedAt }) => <RelativeTime at={updatedAt} className="text-subtle" />,
  },
];

/** Every server of the tenant: what state each is in and how much of it is approved. */
export function ServerList() {
  const trpc = useTRPC();
  const path = usePath();
  const { can } = useMe();
  const [archived, setArchived] = useQueryState('archived', parseAsBoolean.withDefault(false));
  const servers = useQuery(trpc.server.list.queryOptions(archived ? { archived } : undefined));
  const add = can('server.create') && (
    <LinkButton href={path('/servers/new')} variant="primary" icon={PlusIcon}>
      Add server
    </LinkButton>
  );
  return (
    <>
      <PageHeader
        title="Servers"
        sub="What can our AI clients reach, and how much of it is approved?"
        actions={servers.data?.length ? add : undefined}
      />
      <Choice
        label="Which servers"
        className="mb-3"
        options={[
          { value: 'used', label: 'In use' },
          { value: 'archived', label: 'Archived' },
        ]}
        value={archived ? 'archived' : 'used'}
        onValueChange={(which) => void setArchived(which === 'archived')}
      />
      <Loaded query={servers} errorTitle="Servers could not be loaded">
        {(rows) => (
          <Table
            label="Servers"
            columns={COLUMNS}
            rows={rows}
            getRowKey={({ id }) => id}
            buildHref={({ slug }) => path(`/servers/${slug}`)}
            empty={
              archived ? (
                <EmptyState icon={ArchiveIcon} title="Nothing is archived">
                  A server that is archived leaves the list and stays here with its reviews, until somebody restores or deletes
                  it.
                </EmptyState>
              ) : (
                <EmptyState icon={HardDrivesIcon} title="No servers yet" action={add}>
                  A server is something AI clients can use, like GitHub or an internal API. Nothing of it can be called before a
                  review.
                </EmptyState>
              )
            }
            footer={describeCount(rows.length, 'server')}
          />
        )}
      </Loaded>
    </>
  );
}
