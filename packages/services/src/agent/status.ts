import type { Prisma } from '@gatehouse/db/client';

/** How often a connected agent says that it is alive. The hub tells it this number. */
export const HEARTBEAT_MS = 15_000;

const LATE_AFTER_MS = 2 * HEARTBEAT_MS;
const OFFLINE_AFTER_MS = 4 * HEARTBEAT_MS;

/** The words of the screen. */
export type AgentStatus = 'Connected' | 'Late' | 'Offline' | 'Never connected' | 'Revoked' | 'Quarantined';

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

/** The agents whose status is "Connected", as a condition for a query. */
export function buildConnectedFilter(now: Date): Prisma.AgentWhereInput {
  return { revokedAt: null, quarantinedAt: null, lastSeenAt: { gte: new Date(now.getTime() - LATE_AFTER_MS) } };
}
