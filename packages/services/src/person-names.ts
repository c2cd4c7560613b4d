import type { TenantTx } from '@gatehouse/db/tenant';

/** A person as shown: by membership id. Nobody's name is stored beside what they did. */
export interface PersonName {
  id: string;
  name: string;
  /** null once the person has left */
  email: string | null;
}

const FORMER_MEMBER = 'Former member';

/** Names of memberships, read now. Whoever has left, and whoever is of another tenant, is a former member. */
export async function getPersonNames(
  tx: TenantTx,
  tenantId: string,
  membershipIds: readonly (string | null)[],
): Promise<{ get(membershipId: string): PersonName }> {
  const ids = [...new Set(membershipIds.filter((id) => id !== null))];
  const rows = await tx.membership.findMany({
    where: { tenantId, id: { in: ids }, endedAt: null },
    select: { id: true, email: true, user: { select: { name: true } } },
  });
  const byId = new Map(rows.map(({ id, email, user }) => [id, { id, name: user.name, email }]));
  return { get: (id) => byId.get(id) ?? { id, name: FORMER_MEMBER, email: null } };
}
