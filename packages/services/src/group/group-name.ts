import type { TenantTx } from '@gatehouse/db/tenant';

import { ServiceError } from '../errors.ts';

/** Throws `conflict` when another group than `exceptId` has this name in whatever case. An index decides between two that come at once. */
export async function refuseTakenName(tx: TenantTx, tenantId: string, name: string, exceptId?: string): Promise<void> {
  const [taken] = await tx.$queryRaw<{ id: string; name: string }[]>`
    select id, name from person_group where tenant_id = ${tenantId}::uuid and lower(name) = lower(${name}) limit 1`;
  if (!taken || taken.id === exceptId) return;
  throw new ServiceError('conflict', `There is a group called ${taken.name} already. Choose another name.`, { field: 'name' });
}
