import type { TenantTx } from '@gatehouse/db/tenant';
import type { Feature } from '@gatehouse/protocol/features';

const FEATURE: Feature = 'keyset';

/** Agents in use that take nothing but what the root has signed: a rotation would leave them with what they have. By name. */
export async function listLaggingAgents(tx: TenantTx, tenantId: string): Promise<{ id: string; name: string }[]> {
  return tx.agent.findMany({
    where: { tenantId, revokedAt: null, lastSeenAt: { not: null }, NOT: { features: { has: FEATURE } } },
    select: { id: true, name: true },
    orderBy: { name: 'asc' },
  });
}
