import type { TenantTx } from '@gatehouse/db/tenant';

/** Who is in a group, by membership id in ascending order. */
export async function listMemberIds(tx: TenantTx, tenantId: string, groupId: string): Promise<string[]> {
  const rows = await tx.groupMember.findMany({
    where: { tenantId, groupId },
    orderBy: { membershipId: 'asc' },
    select: { membershipId: true },
  });
  return rows.map(({ membershipId }) => membershipId);
}
