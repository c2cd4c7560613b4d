import { Prisma } from '@gatehouse/db/client';

/** How often a connected agent says that it is alive. The hub tells it this number. */
export const HEARTBEAT_MS = 15_000;

/** Silence after which an agent is Late, and after which it is Offline. */
const LATE_AFTER_MS = 2 * HEARTBEAT_MS;
const OFFLINE_AFTER_MS = 4 * HEARTBEAT_MS;

/** Agents last heard before `late` are Late, before `offline` Offline: the same rule, for a query. */
export function getStatusBounds(now: Date): { late: Date; offline: Date } {
  return { late: new Date(now.getTime() - LATE_AFTER_MS), offline: new Date(now.getTime() - OFFLINE_AFTER_MS) };
}

/** Milliseconds until the clock alone changes the status of an agent that was heard last so long ago; null when it does not any more. */
export function getStatusChangeMs(silentMs: number): number | null {
  const bound = [LATE_AFTER_MS, OFFLINE_AFTER_MS].find((each) => silentMs <= each);
  return bound === undefined ? null : bound - silentMs + 1;
}

/** The words of the screen, worst first. */
export const AGENT_STATUSES = ['Quarantined', 'Offline', 'Late', 'Never connected', 'Connected', 'Revoked'] as const;
export type AgentStatus = (typeof AGENT_STATUSES)[number];

export interface AgentFacts {
  revokedAt: Date | null;
  quarantinedAt: Date | null;
  lastSeenAt: Date | null;
}

/** The one rule for an agent's status. Everything else that is known of it is shown beside the status, never instead of it. */
export function getAgentStatus(facts: AgentFacts, now: Date): AgentStatus {
  if (facts.revokedAt) return 'Revoked';
  if (facts.quarantinedAt) return 'Quarantined';
  if (!facts.lastSeenAt) return 'Never connected';
  const silentMs = now.getTime() - facts.lastSeenAt.getTime();
  if (silentMs > OFFLINE_AFTER_MS) return 'Offline';
  return silentMs > LATE_AFTER_MS ? 'Late' : 'Connected';
}

/** The same rule for agents `a` of a query: the place of the status in `AGENT_STATUSES`, as text. */
export function buildStatusPlace(now: Date): Prisma.Sql {
  const { late, offline } = getStatusBounds(now);
  const place = (status: AgentStatus): Prisma.Sql => Prisma.raw(`'${AGENT_STATUSES.indexOf(status)}'`);
  return Prisma.sql`(case
    when a.revoked_at is not null then ${place('Revoked')}
    when a.quarantined_at is not null then ${place('Quarantined')}
    when a.last_seen_at is null then ${place('Never connected')}
    when a.last_seen_at < ${offline}::timestamptz then ${place('Offline')}
    when a.last_seen_at < ${late}::timestamptz then ${place('Late')}
    else ${place('Connected')} end)`;
}

/** Whether it is heard of: connected, or late at most. */
export function isHeard(facts: AgentFacts, now: Date): boolean {
  const status = getAgentStatus(facts, now);
  return status === 'Connected' || status === 'Late';
}

/** The same rule for agents `a` of a query. */
export function buildIsHeard(now: Date): Prisma.Sql {
  const { offline } = getStatusBounds(now);
  return Prisma.sql`(a.revoked_at is null and a.quarantined_at is null and a.last_seen_at >= ${offline}::timestamptz)`;
}

/** Those of the agents `a` of a query that have this status. */
export function buildStatusCondition(status: AgentStatus, now: Date): Prisma.Sql {
  return Prisma.sql`${buildStatusPlace(now)} = ${String(AGENT_STATUSES.indexOf(status))}`;
}
