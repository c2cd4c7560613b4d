import type { Discovery } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { getActorId, type ServiceContext } from '../context.ts';
import { createNotFoundError } from '../errors.ts';

/**
 * The discovery that the reporting agent was asked for, its row locked until the transaction ends. Another agent's is `not_found`, just
 * as an unknown one.
 */
export async function lockOwnDiscovery(tx: TenantTx, ctx: ServiceContext, discoveryId: string): Promise<Discovery> {
  const { tenantId } = ctx;
  await tx.$queryRaw`select 1 from discovery where tenant_id = ${tenantId}::uuid and id = ${discoveryId}::uuid for update`;
  const discovery = await tx.discovery.findUnique({ where: { tenantId_id: { tenantId, id: discoveryId } } });
  if (discovery?.agentId !== getActorId(ctx.actor)) throw createNotFoundError('discovery');
  return discovery;
}

/** True when nothing more is taken in for this discovery. */
export function isFinished({ status }: Pick<Discovery, 'status'>): boolean {
  return status === 'succeeded' || status === 'failed';
}
