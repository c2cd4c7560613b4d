'use client';

import { DesktopTowerIcon, PlusIcon } from '@phosphor-icons/react/ssr';
import { useQuery } from '@tanstack/react-query';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { LinkButton } from '../../ui/button.tsx';
import { AgentStatus, ConfigVersion } from '../../ui/entity/agent-status.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import { type Column, Table } from '../../ui/layout/table.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { describeServers } from './server-words.ts';

type Agent = ApiOutput['agent']['list'][number];

const COLUMNS: readonly Column<Agent>[] = [
  { key: 'name', header: 'Agent', share: 'w-5/12', cell: ({ name }) => name },
  { key: 'status', header: 'Status', cell: (agent) => <AgentStatus {...agent} /> },
  { key: 'config', header: 'Config', cell: (agent) => <ConfigVersion {...agent} /> },
  { key: 'site', header: 'Site', share: 'w-2/12', cell: ({ siteSlug }) => siteSlug, hideBelow: 'md' },
  { key: 'version', header: 'Version', cell: ({ agentVersion }) => agentVersion ?? '–', hideBelow: 'lg' },
  { key: 'host', header: 'Host', share: 'w-5/12', cell: ({ hostname }) => hostname ?? '–', hideBelow: 'xl' },
  {
    key: 'servers',
    header: 'Servers',
    cell: describeServers,
    align: 'end',
    hideBelow: 'md',
  },
  {
    key: 'sessions',
    header: 'Sessions',
    cell: ({ status, openSessions }) => (status === 'Connected' ? openSessions : '–'),
    align: 'end',
    hideBelow: 'lg',
  },
  {
    key: 'buffered',
    header: 'Buffered receipts',
    cell: ({ bufferedReceipts }) => bufferedReceipts,
    align: 'end',
    hideBelow: 'lg',
  },
];

/** The fleet, worst first. */
export function AgentList() {
  const trpc = useTRPC();
  const path = usePath();
  const { can } = useMe();
  const agents = useQuery(trpc.agent.list.queryOptions());
  const install = can('agent.manage') && (
    <LinkButton href={path('/agents/new')} variant="primary" icon={PlusIcon}>
      Install an agent
    </LinkButton>
  );
  const some = (agents.data?.length ?? 0) > 0;
  return (
    <>
      <PageHeader
        title="Agents"
        sub="Agents run in your network. Does each one serve what was published?"
        actions={some && install}
      />
      <Loaded query={agents} errorTitle="The agents could not be loaded">
        {(rows) => (
          <Table
            label="Agents"
            columns={COLUMNS}
            rows={rows}
            getRowKey={({ id }) => id}
            buildHref={({ id }) => path(`/agents/${id}`)}
            footer={`${rows.length} of ${rows.length}`}
            empty={
              <EmptyState icon={DesktopTowerIcon} title="No agents yet" action={install}>
                An agent is one small process in your network. It enforces what you publish here; calls never leave your network
                through us.
              </EmptyState>
            }
          />
        )}
      </Loaded>
    </>
  );
}
