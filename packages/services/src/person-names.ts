import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

/** A person as shown: by membership id. Nobody's name is stored beside what they did, only with the membership, where it can be erased. */
export interface PersonName {
  id: string;
  name: string;
  /** null once the person has left */
  email: string | null;
}

/** Whoever is of another tenant, and who left before names were kept. */
const FORMER_MEMBER = 'Former member';

/** What an id of the database is: other actors, like jobs, have names. */
export const IS_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What is read of a membership to name its person. */
export const NAMED = { displayName: true, user: { select: { name: true } } } as const;

/** The name of `m`, a membership, with the account `u`: as `getMemberName`. */
export const MEMBER_NAME = Prisma.sql`coalesce(m.display_name, u.name)`;

/** What the workspace calls its member; the account's own name unless it was given another one here. */
export function getMemberName({ displayName, user }: { displayName: string | null; user: { name: string } }): string {
  return displayName ?? user.name;
}

/** Names of memberships, read now. Who has left is called as the workspace called them last. */
export async function getPersonNames(
  tx: TenantTx,
  tenantId: string,
  membershipIds: readonly (string | null)[],
): Promise<{ get(membershipId: string): PersonName }> {
  // what acted may be no person, and is none that is looked for
  const ids = [...new Set(membershipIds.filter((id) => id !== null && IS_ID.test(id)))];
  const rows = await tx.$queryRaw<(PersonName & { hasLeft: boolean })[]>`
    select m.id, coalesce(${MEMBER_NAME}, ${FORMER_MEMBER}) as name, m.email, m.ended_at is not null as "hasLeft"
    from membership m left join "user" u on u.id = m.user_id where m.tenant_id = ${tenantId}::uuid and m.id = any(${ids}::uuid[])`;
  const byId = new Map(rows.map(({ hasLeft, ...row }) => [row.id, hasLeft ? toFormer(row) : row]));
  return { get: (id) => byId.get(id) ?? { id, name: FORMER_MEMBER, email: null } };
}

/** An account is seen through a live membership alone, so nothing but what the workspace kept is known of it. */
function toFormer({ id, name }: PersonName): PersonName {
  return { id, name: name === FORMER_MEMBER ? name : `${name} (left)`, email: null };
}
