import type { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import type { Feature } from '@gatehouse/protocol/features';

import { MOST_BESIDE } from '../list/find-page.ts';

const FEATURE: Feature = 'keyset';

/** Some agents of a workspace. */
export interface NamedAgents {
  total: number;
  /** the first of them by name */
  agents: { id: string; name: string }[];
}

/** Those of the agents in use that this is true of. */
export async function nameAgents(tx: TenantTx, tenantId: string, which: Prisma.AgentWhereInput): Promise<NamedAgents> {
  const where = { tenantId, revokedAt: null, lastSeenAt: { not: null }, ...which } satisfies Prisma.AgentWhereInput;
  return {
    total: await tx.agent.count({ where }),
    agents: await tx.agent.findMany({
      where,
      select: { id: true, name: true },
      orderBy: [{ name: 'asc' }, { id: 'asc' }],
      take: MOST_BESIDE,
    }),
  };
}

/** Agents in use that take nothing but what the root has signed: a rotation would leave them with what they have. */
export async function nameLaggingAgents(tx: TenantTx, tenantId: string): Promise<NamedAgents> {
  return nameAgents(tx, tenantId, { NOT: { features: { has: FEATURE } } });
}
