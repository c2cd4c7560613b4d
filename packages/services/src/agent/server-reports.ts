import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { buildStatusCondition } from './status.ts';

/** What an agent can say of a server, worst first; `withheld`: it leaves it out of the configuration that it serves, and so says nothing else of it. */
export const REPORTED_STATES = ['unreachable', 'withheld', 'unused', 'connected'] as const;
export type ReportedState = (typeof REPORTED_STATES)[number];

/** How many reports there are of each kind. */
export type StateCounts = Readonly<Record<ReportedState, number>>;

/** The same; `unreadable`: of none of them. */
export type ReportCounts = StateCounts & Readonly<Record<'unreadable', number>>;

/** Nobody says anything. */
export const NO_REPORTS: ReportCounts = { unreachable: 0, withheld: 0, unused: 0, connected: 0, unreadable: 0 };

/** What agent `a` says of each server, joined as `told`. What is stored and is no list counts as one report that nobody can read. */
export const TOLD = Prisma.sql`cross join lateral (
    select coalesce(report ->> 'serverId', left_out ->> 'id') as server_id, report, left_out,
      case when left_out is not null then 'withheld'
        when report ->> 'state' in ('unreachable', 'unused', 'connected') then report ->> 'state' else 'unreadable' end as state
    from jsonb_array_elements(case jsonb_typeof(a.server_health) when 'array' then a.server_health else '[null]' end) report
    full join (
      select item as left_out from jsonb_array_elements(case jsonb_typeof(a.withheld) when 'array' then a.withheld else '[]' end) item
      where item ->> 'kind' = 'server'
    ) without on left_out ->> 'id' = report ->> 'serverId'
  ) told`;

interface Count {
  id: string;
  state: ReportedState | 'unreadable';
  reports: number;
}

/** What each of these agents says of the servers that it can be asked to reach, counted, and how much it leaves out in all; by the agent's id. */
export async function countReportsByAgent(
  tx: TenantTx,
  { tenantId, agentIds }: { tenantId: string; agentIds: readonly string[] },
): Promise<(id: string) => ReportCounts & { withheldCount: number }> {
  const which = Prisma.sql`a.tenant_id = ${tenantId}::uuid and a.id = any(${[...agentIds]}::uuid[])`;
  const getCounts = groupCounts(
    await tx.$queryRaw<Count[]>`
      select a.id, told.state, count(*)::int as reports from agent a ${TOLD}
      where ${which} and told.report is not null group by a.id, told.state`,
  );
  const left = await tx.$queryRaw<{ id: string; items: number }[]>`
    select a.id, jsonb_array_length(a.withheld) as items from agent a where ${which} and jsonb_typeof(a.withheld) = 'array'`;
  const withheld = new Map(left.map(({ id, items }) => [id, items]));
  return (id) => ({ ...getCounts(id), withheldCount: withheld.get(id) ?? 0 });
}

/** What the connected agents say of each of these servers, counted. By the server's id. */
export async function countReportsByServer(
  tx: TenantTx,
  { tenantId, now, serverIds }: { tenantId: string; now: Date; serverIds: readonly string[] },
): Promise<(id: string) => ReportCounts> {
  const counts = await tx.$queryRaw<Count[]>`
    select told.server_id as id, told.state, count(*)::int as reports from agent a ${TOLD}
    where a.tenant_id = ${tenantId}::uuid and told.server_id = any(${[...serverIds]}::text[])
      and ${buildStatusCondition('Connected', now)}
    group by told.server_id, told.state`;
  return groupCounts(counts);
}

function groupCounts(counts: readonly Count[]): (id: string) => ReportCounts {
  const byId = Map.groupBy(counts, ({ id }) => id);
  return (id) => ({
    ...NO_REPORTS,
    ...Object.fromEntries((byId.get(id) ?? []).map(({ state, reports }) => [state, reports])),
  });
}
