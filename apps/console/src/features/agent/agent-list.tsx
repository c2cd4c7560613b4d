'use client';

import { DesktopTowerIcon, PlusIcon, XIcon } from '@phosphor-icons/react/ssr';
import { useQuery } from '@tanstack/react-query';
import { parseAsBoolean, useQueryState } from 'nuqs';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { Button, LinkButton } from '../../ui/button.tsx';
import { AgentStatus, ConfigVersion } from '../../ui/entity/agent-status.tsx';
import { Choice } from '../../ui/form/choice.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import { type Column, Table } from '../../ui/layout/table.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { LabelBadges } from './labels.tsx';
import { describeServers } from './server-words.ts';

type Agent = ApiOutput['agent']['list'][number];

const listColumns = (rows: readonly Agent[], onLabel: (label: string) => void): readonly Column<Agent>[] => [
  { key: 'name', header: 'Agent', share: 'w-5/12', cell: ({ name }) => name },
  { key: 'status', header: 'Status', cell: (agent) => <AgentStatus {...agent} /> },
  { key: 'config', header: 'Config', cell: (agent) => <ConfigVersion {...agent} /> },
  { key: 'site', header: 'Site', share: 'w-2/12', cell: ({ siteSlug }) => siteSlug, hideBelow: 'md' },
  ...(rows.some(({ labels }) => Object.keys(labels).length > 0) ? [buildLabelColumn(onLabel)] : []),
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

/** Only where some agent has a label. */
const buildLabelColumn = (onLabel: (label: string) => void): Column<Agent> => ({
  key: 'labels',
  header: 'Labels',
  hideBelow: 'lg',
  cell: ({ labels }) => <LabelBadges labels={labels} onChoose={onLabel} />,
});

/** The fleet, worst first. */
export function AgentList() {
  const trpc = useTRPC();
  const path = usePath();
  const { can } = useMe();
  const [label, setLabel] = useQueryState('label');
  const [archived, setArchived] = useQueryState('archived', parseAsBoolean.withDefault(false));
  const agents = useQuery(
    trpc.agent.list.queryOptions(label === null && !archived ? undefined : { label: label ?? undefined, archived }),
  );
  const install = can('agent.manage') && (
    <LinkButton href={path('/agents/new')} variant="primary" icon={PlusIcon}>
      Install an agent
    </LinkButton>
  );
  const isNarrowed = label !== null || archived;
  const some = isNarrowed || (agents.data?.length ?? 0) > 0;
  return (
    <>
      <PageHeader
        title="Agents"
        sub="Agents run in your network. Does each one serve what was published?"
        actions={some && install}
      />
      <Toolbar
        label={label}
        archived={archived}
        onLabel={(next) => void setLabel(next)}
        onArchived={(next) => void setArchived(next)}
      />
      <Loaded query={agents} errorTitle="The agents could not be loaded">
        {(rows) => (
          <Table
            label="Agents"
            columns={listColumns(rows, (next) => void setLabel(next))}
            rows={rows}
            getRowKey={({ id }) => id}
            buildHref={({ id }) => path(`/agents/${id}`)}
            footer={`${rows.length} of ${rows.length}`}
            empty={
              isNarrowed ? (
                <EmptyState icon={DesktopTowerIcon} title={archived ? 'No archived agents' : 'No agent has this label'}>
                  {archived ? 'Revoked agents can be archived on their page.' : 'Labels are set on the page of an agent.'}
                </EmptyState>
              ) : (
                <EmptyState icon={DesktopTowerIcon} title="No agents yet" action={install}>
                  An agent is one small process in your network. It enforces what you publish here; calls never leave your network
                  through us.
                </EmptyState>
              )
            }
          />
        )}
      </Loaded>
    </>
  );
}

interface ToolbarProps {
  label: string | null;
  archived: boolean;
  onLabel: (label: string | null) => void;
  onArchived: (archived: boolean) => void;
}

/** Which agents are shown, where that is not all of them; kept in the address. */
function Toolbar({ label, archived, onLabel, onArchived }: ToolbarProps) {
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2">
      <Choice
        label="Which agents"
        options={[
          { value: 'used', label: 'In use' },
          { value: 'archived', label: 'Archived' },
        ]}
        value={archived ? 'archived' : 'used'}
        onValueChange={(which) => onArchived(which === 'archived')}
      />
      {label !== null && (
        <Button
          size="small"
          icon={XIcon}
          aria-label={`Show agents with any label, not only ${label}`}
          onClick={() => onLabel(null)}
        >
          {label}
        </Button>
      )}
    </div>
  );
}
