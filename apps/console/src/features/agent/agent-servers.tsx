'use client';

import { useInfiniteQuery } from '@tanstack/react-query';

import { useTRPC } from '../../trpc/client.tsx';
import { LIST_PAGES, LONGEST_PAGE } from '../../trpc/list-pages.ts';
import { usePath } from '../../trpc/use-path.ts';
import { useWholeList } from '../../trpc/use-whole-list.ts';
import type { HealthReport } from '../../ui/entity/health-words.ts';
import { HealthDot, LastErrors } from '../../ui/entity/server-health.tsx';
import { Card } from '../../ui/layout/card.tsx';
import { type Column, Table } from '../../ui/layout/table.tsx';
import { Skeleton } from '../../ui/status/states.tsx';
import { RelativeTime } from '../../ui/text/relative-time.tsx';
import type { AgentDetail } from './agent-page.tsx';

interface Row extends Pick<HealthReport, 'live' | 'state' | 'retryAt' | 'at' | 'error'> {
  serverId: string;
  /** null while the names are on their way */
  name: string | null;
  slug: string | null;
}

const COLUMNS: readonly Column<Row>[] = [
  { key: 'name', header: 'Server', share: 'w-1/2', cell: ({ name }) => name ?? <Skeleton className="w-24" /> },
  { key: 'state', header: 'From this agent', cell: (row) => <HealthDot report={row} /> },
  {
    key: 'at',
    header: 'Last used',
    align: 'end',
    cell: ({ at }) => (at === null ? '–' : <RelativeTime at={at} className="text-subtle" />),
  },
];

/** What the agent itself says of each server that it can be asked to reach; of what it said before it went away, only the errors. */
export function AgentServers({ agent }: { agent: AgentDetail }) {
  const trpc = useTRPC();
  const path = usePath();
  const ids = agent.serverHealth.map(({ serverId }) => serverId);
  const named = useInfiniteQuery(trpc.server.list.infiniteQueryOptions({ ids, limit: LONGEST_PAGE }, LIST_PAGES));
  const servers = useWholeList(named);
  const live = agent.status === 'Connected';
  const rows = agent.serverHealth.map(({ serverId, ...health }): Row => {
    const server = servers.data?.find(({ id }) => id === serverId);
    const named = { serverId, name: server?.name ?? (servers.isPending ? null : serverId), slug: server?.slug ?? null };
    // why it is withheld stands with the configuration, with what to do
    if (agent.withheld.some(({ id }) => id === serverId))
      return { ...named, live, state: 'withheld', at: null, retryAt: null, error: null };
    return { ...named, live, ...health, at: toDate(health.at), retryAt: toDate(health.retryAt) };
  });
  const failing = rows.flatMap(({ serverId, name, error }) =>
    error === null ? [] : [{ id: serverId, name: live ? name : `${name}, said before it went away`, message: error }],
  );
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
      {failing.length > 0 && (
        <div className="border-t border-line">
          <LastErrors errors={failing} />
        </div>
      )}
      {agent.unreadableReports > 0 && <Note>Part of what the agent reported last cannot be read and is left out.</Note>}
    </Card>
  );
}

const toDate = (time: string | null): Date | null => (time === null ? null : new Date(time));

function Note({ children }: { children: string }) {
  return <p className="px-4 py-3 text-muted">{children}</p>;
}
