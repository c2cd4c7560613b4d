'use client';

import { DesktopTowerIcon, PlusIcon } from '@phosphor-icons/react/ssr';
import { useInfiniteQuery } from '@tanstack/react-query';
import { parseAsBoolean, parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs';
import type { ReactNode } from 'react';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { LIST_PAGES } from '../../trpc/list-pages.ts';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { useSiteOptions } from '../../trpc/use-sites.ts';
import { Button, LinkButton } from '../../ui/button.tsx';
import { AgentStatus, ConfigVersion } from '../../ui/entity/agent-status.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import type { Column } from '../../ui/layout/table.tsx';
import { buildFilter } from '../../ui/list/filter-select.tsx';
import { ListTable } from '../../ui/list/list-table.tsx';
import { useBulk } from '../../ui/list/use-bulk.ts';
import { useListState } from '../../ui/list/use-list-state.ts';
import { UsedOrArchived } from '../../ui/list/used-or-archived.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { BulkAgents } from './bulk-agents.tsx';
import { LabelBadges } from './labels.tsx';
import { describeServers } from './server-words.ts';

type Agent = ApiOutput['agent']['list']['rows'][number];

const listColumns = (rows: readonly Agent[], onLabel: (label: string) => void): readonly Column<Agent>[] => [
  { key: 'name', header: 'Agent', share: 'w-5/12', sort: { by: 'name', first: 'asc' }, cell: ({ name }) => name },
  { key: 'status', header: 'Status', sort: { by: 'status', first: 'asc' }, cell: (agent) => <AgentStatus {...agent} /> },
  { key: 'config', header: 'Config', cell: (agent) => <ConfigVersion {...agent} /> },
  {
    key: 'site',
    header: 'Site',
    share: 'w-2/12',
    sort: { by: 'site', first: 'asc' },
    cell: ({ siteName }) => siteName,
    hideBelow: 'md',
  },
  ...(rows.some(({ labels }) => Object.keys(labels).length > 0) ? [buildLabelColumn(onLabel)] : []),
  {
    key: 'version',
    header: 'Version',
    sort: { by: 'version', first: 'asc' },
    cell: ({ agentVersion }) => agentVersion ?? '–',
    hideBelow: 'lg',
  },
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

/** Only where some agent has a label. */
const buildLabelColumn = (onLabel: (label: string) => void): Column<Agent> => ({
  key: 'labels',
  header: 'Labels',
  hideBelow: 'lg',
  cell: ({ labels }) => <LabelBadges labels={labels} onChoose={onLabel} />,
});

const STATUSES = ['Connected', 'Late', 'Offline', 'Never connected', 'Quarantined', 'Revoked'] as const;

const FILTERS = {
  label: parseAsString,
  archived: parseAsBoolean.withDefault(false),
  status: parseAsStringLiteral(STATUSES),
  site: parseAsString,
};

/** What the list is narrowed to, by its address. */
function useAgentFilters() {
  const [{ label, archived, status, site }, set] = useQueryStates(FILTERS, { history: 'push' });
  const sites = useSiteOptions();
  const setLabel = (next: string | null): void => void set({ label: next });
  const labels = label === null ? [] : [{ value: label, label }];
  return {
    archived,
    setArchived: (next: boolean) => void set({ archived: next }),
    setLabel,
    asked: { archived, label: label ?? undefined, status: status ?? undefined, siteId: site ?? undefined },
    filters: [
      buildFilter({
        label: 'Status',
        any: 'Any status',
        options: STATUSES.map((value) => ({ value, label: value })),
        value: status,
        onChange: (next) => void set({ status: next }),
      }),
      {
        label: 'Site',
        any: 'Any site',
        options: sites,
        value: site,
        onChange: (next: string | null) => void set({ site: next }),
      },
      // chosen by a click on a label in the list
      { label: 'Label', any: 'Any label', options: labels, value: label, onChange: setLabel },
    ],
  };
}

function NoAgents({ archived, action }: { archived: boolean; action: ReactNode }) {
  return archived ? (
    <EmptyState icon={DesktopTowerIcon} title="No archived agents">
      Revoked agents can be archived on their page.
    </EmptyState>
  ) : (
    <EmptyState icon={DesktopTowerIcon} title="No agents yet" action={action}>
      An agent is one small process in your network. It enforces what you publish here; calls never leave your network through us.
    </EmptyState>
  );
}

function BulkButtons({ onAsk }: { onAsk: (act: 'label' | 'revoke') => void }) {
  return (
    <>
      <Button size="small" onClick={() => onAsk('label')}>
        Label…
      </Button>
      <Button size="small" variant="danger-quiet" onClick={() => onAsk('revoke')}>
        Revoke…
      </Button>
    </>
  );
}

/** The fleet, worst first. */
export function AgentList() {
  const trpc = useTRPC();
  const path = usePath();
  const { can, holds } = useMe();
  const state = useListState(['status', 'name', 'site', 'seen', 'version']);
  const { archived, setArchived, setLabel, asked, filters } = useAgentFilters();
  const bulk = useBulk<Agent, 'label' | 'revoke'>();
  const agents = useInfiniteQuery(trpc.agent.list.infiniteQueryOptions({ ...state.asked, ...asked }, LIST_PAGES));
  const rows = agents.data?.pages.flatMap((page) => page.rows) ?? [];
  const some = archived || state.search !== '' || rows.length > 0 || filters.some(({ value }) => value !== null);
  const install = can('agent.manage') && (
    <LinkButton href={path('/agents/new')} variant="primary" icon={PlusIcon}>
      Install an agent
    </LinkButton>
  );
  return (
    <>
      <PageHeader
        title="Agents"
        sub="Agents run in your network. Does each one serve what was published?"
        actions={holds('agent.manage') && <LinkButton href={path('/agents/tokens')}>Join tokens</LinkButton>}
        primary={some && install}
      />
      <UsedOrArchived label="Which agents" archived={archived} onChange={setArchived} />
      <ListTable
        label="Agents"
        noun={['agent', 'agents']}
        query={agents}
        state={state}
        filters={filters}
        errorTitle="The agents could not be loaded"
        columns={listColumns(rows, setLabel)}
        getRowKey={({ id }) => id}
        buildHref={({ id }) => path(`/agents/${id}`)}
        bulk={
          can('agent.manage') && !archived
            ? {
                ...bulk.selection,
                getLabel: ({ name }) => `Select ${name}`,
                canSelect: ({ status }) => status !== 'Revoked',
                present: (chosen) => <BulkButtons onAsk={(act) => bulk.ask(act, chosen)} />,
              }
            : undefined
        }
        empty={<NoAgents archived={archived} action={install} />}
      />
      {bulk.asked && <BulkAgents {...bulk.asked} onClose={bulk.close} />}
    </>
  );
}
