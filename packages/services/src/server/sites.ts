import type { TenantTx } from '@gatehouse/db/tenant';

import { createNotFoundError } from '../errors.ts';

/** Throws `not_found` unless every id is a site of the tenant. */
export async function requireSites(tx: TenantTx, tenantId: string, siteIds: readonly string[]): Promise<void> {
  const wanted = [...new Set(siteIds)];
  const found = await tx.site.count({ where: { tenantId, id: { in: wanted } } });
  if (found !== wanted.length) throw createNotFoundError('site');
}

/** Ids of the sites where a server is reachable. */
export async function listServerSiteIds(tx: TenantTx, tenantId: string, serverId: string): Promise<string[]> {
  const rows = await tx.serverSite.findMany({ where: { tenantId, serverId }, select: { siteId: true } });
  return rows.map(({ siteId }) => siteId);
}
