import type { Site } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { createNotFoundError } from '../errors.ts';

/** A site that was not deleted, locked against every other change of it and against new servers, profiles and tokens there. Throws `not_found`. */
export async function lockSite(tx: TenantTx, tenantId: string, id: string): Promise<Site> {
  await tx.$executeRaw`select 1 from site where tenant_id = ${tenantId}::uuid and id = ${id}::uuid for update`;
  const site = await tx.site.findUnique({ where: { tenantId_id: { tenantId, id }, endedAt: null } });
  if (!site) throw createNotFoundError('site');
  return site;
}
