import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

/** A person as shown: by membership id. Nobody's name is stored beside what they did. */
export interface PersonName {
  id: string;
  name: string;
  /** null once the person has left */
  email: string | null;
}

const FORMER_MEMBER = 'Former member';

/** What is read of a membership to name its person. */
export const NAMED = { displayName: true, user: { select: { name: true } } } as const;

/** The name of `m`, a membership, with the account `u`: as `getMemberName`. */
export const MEMBER_NAME = Prisma.sql`coalesce(m.display_name, u.name)`;

/** What the workspace calls its member; the account's own name unless it was given another one here. */
export function getMemberName({ displayName, user }: { displayName: string | null; user: { name: string } }): string {
  return displayName ?? user.name;
}

/** Names of memberships, read now. Whoever has left, and whoever is of another tenant, is a former member. */
export async function getPersonNames(
  tx: TenantTx,
  tenantId: string,
  membershipIds: readonly (string | null)[],
): Promise<{ get(membershipId: string): PersonName }> {
  const ids = [...new Set(membershipIds.filter((id) => id !== null))];
  const rows = await tx.membership.findMany({
    where: { tenantId, id: { in: ids }, endedAt: null },
    select: { id: true, email: true, ...NAMED },
  });
  const byId = new Map(rows.map((row) => [row.id, { id: row.id, name: getMemberName(row), email: row.email }]));
  return { get: (id) => byId.get(id) ?? { id, name: FORMER_MEMBER, email: null } };
}
