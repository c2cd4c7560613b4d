import type { TenantTx } from '@gatehouse/db/tenant';

import { createNotFoundError } from '../errors.ts';

/** Throws `not_found` unless every id is a site of the tenant that was not deleted; none of them is until the transaction ends. */
export async function requireSites(tx: TenantTx, tenantId: string, siteIds: readonly string[]): Promise<void> {
  const wanted = [...new Set(siteIds)];
  const held = await tx.$queryRaw<unknown[]>`
    select 1 from site where tenant_id = ${tenantId}::uuid and id = any(${wanted}::uuid[]) and ended_at is null
    order by id for key share`;
  if (held.length !== wanted.length) throw createNotFoundError('site');
}

/** Ids of the sites where a server is reachable. */
export async function listServerSiteIds(tx: TenantTx, tenantId: string, serverId: string): Promise<string[]> {
  const rows = await tx.serverSite.findMany({ where: { tenantId, serverId }, select: { siteId: true } });
  return rows.map(({ siteId }) => siteId);
}
