'use client';

import { MapPinIcon } from '@phosphor-icons/react/ssr';
import { useInfiniteQuery } from '@tanstack/react-query';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { LIST_PAGES } from '../../trpc/list-pages.ts';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { LinkButton } from '../../ui/button.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import type { Column } from '../../ui/layout/table.tsx';
import { ListTable } from '../../ui/list/list-table.tsx';
import { useListState } from '../../ui/list/use-list-state.ts';
import { EmptyState } from '../../ui/status/states.tsx';

type Site = ApiOutput['site']['list']['rows'][number];

const COLUMNS: readonly Column<Site>[] = [
  { key: 'name', header: 'Site', share: 'w-1/3', sort: { by: 'name', first: 'asc' }, cell: ({ name }) => name },
  {
    key: 'slug',
    header: 'Slug',
    sort: { by: 'slug', first: 'asc' },
    cell: ({ slug }) => <span className="font-mono text-xs">{slug}</span>,
    hideBelow: 'lg',
  },
  {
    key: 'endpoint',
    header: 'AI clients reach it at',
    share: 'w-2/3',
    hideBelow: 'md',
    cell: ({ endpointUrl }) => endpointUrl ?? <span className="text-subtle">what its agents report</span>,
  },
  { key: 'agents', header: 'Agents', align: 'end', cell: ({ agentCount }) => agentCount },
  { key: 'servers', header: 'Servers', align: 'end', cell: ({ serverCount }) => serverCount, hideBelow: 'md' },
  { key: 'profiles', header: 'Profiles', align: 'end', cell: ({ profileCount }) => profileCount, hideBelow: 'md' },
  { key: 'version', header: 'Config', align: 'end', cell: ({ snapshotVersion }) => `v${snapshotVersion}`, hideBelow: 'lg' },
];

/** The places in the customer's network. */
export function SiteList() {
  const path = usePath();
  const { can } = useMe();
  const state = useListState(['name', 'slug', 'made']);
  const sites = useInfiniteQuery(useTRPC().site.list.infiniteQueryOptions(state.asked, LIST_PAGES));
  return (
    <>
      <PageHeader title="Sites" sub="Each is one place in your network. What is served where?" />
      <ListTable
        label="Sites"
        noun={['site', 'sites']}
        query={sites}
        state={state}
        errorTitle="The sites could not be loaded"
        columns={COLUMNS}
        getRowKey={({ id }) => id}
        buildHref={({ slug }) => path(`/sites/${slug}`)}
        empty={
          <EmptyState
            icon={MapPinIcon}
            title="No sites yet"
            action={
              can('agent.manage') && (
                <LinkButton href={path('/agents/new')} variant="primary">
                  Install an agent
                </LinkButton>
              )
            }
          >
            A site is made with its first agent. All agents of a site serve the same configuration.
          </EmptyState>
        }
      />
    </>
  );
}
