import type { Logger } from 'pino';

import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { Withheld } from '@gatehouse/protocol/parts';

import { readServerHealth } from '../agent/agent-view.ts';
import { NO_REPORTS, REPORTED_STATES, type ReportedState, type StateCounts, TOLD } from '../agent/server-reports.ts';
import { type AgentFacts, buildStatusCondition, getAgentStatus } from '../agent/status.ts';
import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { MOST_BESIDE } from '../list/find-page.ts';
import { parseStored } from '../stored.ts';
import { requireServer, ServerRef } from './require-server.ts';

/** What one agent reports about one server. */
export interface AgentServerHealth {
  agentId: string;
  agentName: string;
  siteName: string;
  /** the agent is connected, so the report is fresh */
  live: boolean;
  state: ReportedState;
  /** why, when it is withheld */
  withheldCode: Withheld['code'] | null;
  /** in the agent's own words: untrusted text */
  error: string | null;
  at: Date | null;
  /** after repeated failures calls are refused until then; null: calls are tried */
  retryAt: Date | null;
  /** what was negotiated last */
  protocolVersion: string | null;
  /** connections, or processes of a stdio server, that are open */
  connections: number;
}

/** What the agents say of a server. */
export interface ServerHealthView {
  /** agents that say something of it */
  total: number;
  /** of them: connected ones that leave it out of the configuration that they serve */
  withheldBy: number;
  /** the first of them: connected ones to which it does not work, then the ones that are not connected, then those to which it does; each by name */
  reports: AgentServerHealth[];
}

export const GetServerHealth = ServerRef;
export type GetServerHealth = ServerRef;

/** What the agents that are not revoked say of a server. Throws `not_found`. */
export async function getServerHealth({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: GetServerHealth;
}): Promise<ServerHealthView> {
  authorize(ctx, 'server.read');
  const ref = parseInput(GetServerHealth, input);
  const { tenantId, runtime } = ctx;
  return read(ctx, async (tx) => {
    const { id: serverId } = await requireServer(tx, tenantId, ref);
    return (await readServerReports(tx, { tenantId, now: runtime.now(), serverId }, runtime.log)).health;
  });
}

/**
 * The same, inside a transaction that has found the server, and how many connected agents say what of it. What an agent leaves out has no other state; a stored report that
 * cannot be parsed is logged and left out.
 */
export async function readServerReports(
  tx: TenantTx,
  { tenantId, now, serverId }: { tenantId: string; now: Date; serverId: string },
  log: Logger,
): Promise<{ counts: StateCounts; health: ServerHealthView }> {
  const works = Prisma.sql`array_position(${[...REPORTED_STATES]}::text[], told.state)`;
  const rows = await tx.$queryRaw<AgentReport[]>`
    select a.id as "agentId", a.name as "agentName", s.name as "siteName", a.revoked_at as "revokedAt",
      a.quarantined_at as "quarantinedAt", a.last_seen_at as "lastSeenAt", told.report, told.left_out as withheld,
      count(*) over ()::int as total, jsonb_build_object(${Prisma.join(
        REPORTED_STATES.map(
          (state) => Prisma.sql`${state}::text, count(*) filter (where heard.live and told.state = ${state}) over ()`,
        ),
      )}) as counts
    from agent a
    join site s on s.tenant_id = a.tenant_id and s.id = a.site_id
    ${TOLD}
    cross join lateral (select ${buildStatusCondition('Connected', now)} as live) heard
    where a.tenant_id = ${tenantId}::uuid and a.revoked_at is null and told.server_id = ${serverId} and told.state <> 'unreadable'
    order by case when not heard.live then ${TROUBLES} + 1 when ${works} <= ${TROUBLES} then ${works} else ${works} + 1 end, a.name, a.id
    limit ${MOST_BESIDE}`;
  const [{ total, counts } = { total: 0, counts: NO_REPORTS }] = rows;
  const reports = rows.flatMap((row) => readAgentReport(row, now, log) ?? []);
  return { counts, health: { total, withheldBy: counts.withheld, reports } };
}

/** So many of the states, from the worst, say that the server does not work there. */
const TROUBLES = 2;

interface AgentReport extends AgentFacts {
  agentId: string;
  agentName: string;
  siteName: string;
  report: unknown;
  withheld: unknown;
  /** of all reports, the same in each row */
  total: number;
  counts: StateCounts;
}

/** What one row says; null when it cannot be read. */
function readAgentReport(
  { agentId, agentName, siteName, report, withheld, revokedAt, quarantinedAt, lastSeenAt }: AgentReport,
  now: Date,
  log: Logger,
): AgentServerHealth | null {
  const who = {
    agentId,
    agentName,
    siteName,
    live: getAgentStatus({ revokedAt, quarantinedAt, lastSeenAt }, now) === 'Connected',
  };
  if (withheld !== null) {
    const left = parseStored(() => Withheld.parse(withheld), log, { column: 'agent.withheld', id: agentId });
    const untried = { at: null, retryAt: null, protocolVersion: null, connections: 0 };
    return left && { ...who, ...untried, state: 'withheld', withheldCode: left.code, error: left.message };
  }
  const parsed = readServerHealth(report, log, agentId);
  if (!parsed) return null;
  const { serverId: _serverId, at, retryAt, ...told } = parsed;
  return { ...who, ...told, withheldCode: null, at: toDate(at), retryAt: toDate(retryAt) };
}

const toDate = (time: string | null): Date | null => (time === null ? null : new Date(time));
