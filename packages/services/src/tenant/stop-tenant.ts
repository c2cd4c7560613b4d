import type { Tenant } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import type { Mutation } from '../audit/mutate.ts';
import type { ServiceContext } from '../context.ts';
import { buildSwitch } from '../revocation/open-stops.ts';
import { writeRevocations } from '../revocation/write-revocations.ts';

/** The row of the workspace, locked. */
export async function lockTenant(tx: TenantTx, tenantId: string): Promise<Tenant> {
  await tx.$executeRaw`select 1 from tenant where id = ${tenantId}::uuid for no key update`;
  return tx.tenant.findUniqueOrThrow({ where: { id: tenantId } });
}

type Standing = Pick<Tenant, 'suspendedAt' | 'deleteAfter'>;

/** Whether everything in it is stopped. */
export function isStopped({ suspendedAt, deleteAfter }: Standing): boolean {
  return suspendedAt !== null || deleteAfter !== null;
}

/**
 * Gives the workspace, locked and with the act `auditId` in the log, another standing. Agents stop serving, or go on, as soon as they have the entry of the
 * revocation log: what the operator has suspended goes on only when neither the suspension nor a deletion is left.
 */
export async function setStanding(
  m: Mutation,
  ctx: ServiceContext,
  { tenant, next, auditId }: { tenant: Tenant; next: Partial<Standing> & { deletionAskedAt?: Date | null }; auditId: string },
): Promise<void> {
  const { tenantId } = ctx;
  await m.tx.tenant.update({ where: { id: tenantId }, data: next });
  const isOff = isStopped({ ...tenant, ...next });
  if (isOff !== isStopped(tenant)) {
    const subject = { kind: 'tenant', id: tenantId } as const;
    await writeRevocations(m, ctx, await buildSwitch(m.tx, { tenantId, auditId, subject, isOff }));
  }
  m.signal('tenant', tenantId);
}
