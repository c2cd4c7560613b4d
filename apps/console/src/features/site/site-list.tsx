'use client';

import { MapPinIcon } from '@phosphor-icons/react/ssr';
import { useQuery } from '@tanstack/react-query';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { LinkButton } from '../../ui/button.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import { type Column, Table } from '../../ui/layout/table.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { EmptyState } from '../../ui/status/states.tsx';

type Site = ApiOutput['site']['list'][number];

const COLUMNS: readonly Column<Site>[] = [
  { key: 'name', header: 'Site', share: 'w-1/3', cell: ({ name }) => name },
  { key: 'slug', header: 'Slug', cell: ({ slug }) => <span className="font-mono text-xs">{slug}</span>, hideBelow: 'lg' },
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
  const sites = useQuery(useTRPC().site.list.queryOptions());
  return (
    <>
      <PageHeader title="Sites" sub="Each is one place in your network. What is served where?" />
      <Loaded query={sites} errorTitle="The sites could not be loaded">
        {(rows) => (
          <Table
            label="Sites"
            columns={COLUMNS}
            rows={rows}
            getRowKey={({ id }) => id}
            buildHref={({ slug }) => path(`/sites/${slug}`)}
            footer={`${rows.length} of ${rows.length}`}
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
        )}
      </Loaded>
    </>
  );
}
