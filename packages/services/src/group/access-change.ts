import type { TenantTx } from '@gatehouse/db/tenant';

import type { LostKey } from '../profile/effective-access.ts';
import type { Change } from '../snapshot/parts/build-trees.ts';

/** What changed of who may use what. */
export interface AccessChange {
  profileIds: readonly string[];
  membershipIds: readonly string[];
  /** keys that were revoked with it */
  lost?: readonly LostKey[];
}

/** The sites that have to hear of it, and what of their configurations: the people, and their keys, whose ends follow what they are left with. */
export async function getAccessChange(
  tx: TenantTx,
  tenantId: string,
  { profileIds, membershipIds, lost = [] }: AccessChange,
): Promise<{ siteIds: string[]; change: Change }> {
  const among = { tenantId, profileId: { in: [...profileIds] } };
  const sites = await tx.profileSite.findMany({ where: among, distinct: ['siteId'], select: { siteId: true } });
  const keys = await tx.clientKey.findMany({
    where: { ...among, membershipId: { in: [...membershipIds] }, revokedAt: null },
    select: { id: true },
  });
  return {
    siteIds: sites.map(({ siteId }) => siteId),
    change: { people: membershipIds, keys: [...keys, ...lost].map(({ id }) => id) },
  };
}
