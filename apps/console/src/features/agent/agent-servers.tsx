'use client';

import { useQuery } from '@tanstack/react-query';

import { useTRPC } from '../../trpc/client.tsx';
import { usePath } from '../../trpc/use-path.ts';
import { Card } from '../../ui/layout/card.tsx';
import { type Column, Table } from '../../ui/layout/table.tsx';
import type { Tone } from '../../ui/status/badge.tsx';
import { Skeleton } from '../../ui/status/states.tsx';
import { StatusDot } from '../../ui/status/status-dot.tsx';
import type { AgentDetail } from './agent-page.tsx';

type Health = AgentDetail['serverHealth'][number];
interface Row extends Omit<Health, 'state'> {
  state: keyof typeof STATE;
  /** null while the names are on their way */
  name: string | null;
  slug: string | null;
}

const STATE: Record<Health['state'] | 'withheld', { tone: Tone; word: string }> = {
  connected: { tone: 'ok', word: 'Connected' },
  unreachable: { tone: 'danger', word: 'Unreachable' },
  unused: { tone: 'neutral', word: 'Not used yet' },
  withheld: { tone: 'warn', word: 'Withheld' },
};

const COLUMNS: readonly Column<Row>[] = [
  { key: 'name', header: 'Server', share: 'w-1/3', cell: ({ name }) => name ?? <Skeleton className="w-24" /> },
  {
    key: 'state',
    header: 'From this agent',
    cell: ({ state, at }) => <StatusDot {...STATE[state]} hollow={state === 'unused'} at={at === null ? null : new Date(at)} />,
  },
  {
    key: 'error',
    header: 'Last error',
    share: 'w-2/3',
    cell: ({ error }) => <bdi title={error ?? undefined}>{error ?? '–'}</bdi>,
    hideBelow: 'md',
  },
];

/** What the agent itself says of each server that it can be asked to reach. */
export function AgentServers({ agent }: { agent: AgentDetail }) {
  const trpc = useTRPC();
  const path = usePath();
  const servers = useQuery(trpc.server.list.queryOptions());
  const rows = agent.serverHealth.map((health) => {
    const server = servers.data?.find(({ id }) => id === health.serverId);
    const left = agent.withheld.find(({ id }) => id === health.serverId);
    const now = left ? ({ state: 'withheld', at: null, error: left.message } as const) : {};
    return { ...health, ...now, name: server?.name ?? (servers.isPending ? null : health.serverId), slug: server?.slug ?? null };
  });
  return (
    <Card title="Servers" padded={false} className="overflow-hidden">
      <Table
        label="Servers"
        className="rounded-none border-0"
        columns={COLUMNS}
        rows={rows}
        getRowKey={({ serverId }) => serverId}
        buildHref={({ slug }) => (slug === null ? null : path(`/servers/${slug}`))}
        empty={
          agent.unreadableReports === 0 && (
            <Note>The agent has not named a server yet. It does once a profile is published at its site.</Note>
          )
        }
      />
      {agent.unreadableReports > 0 && <Note>Part of what the agent reported last cannot be read and is left out.</Note>}
    </Card>
  );
}

function Note({ children }: { children: string }) {
  return <p className="px-4 py-3 text-muted">{children}</p>;
}
