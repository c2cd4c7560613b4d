import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import type { Mutation } from '../audit/mutate.ts';
import type { ServiceContext } from '../context.ts';
import { writeRevocations } from '../revocation/write-revocations.ts';

/**
 * Every way in which somebody may use a profile: given by name, until its end when it has one, or by a group. As a table of tenant_id, profile_id,
 * membership_id and until; somebody with two ways stands there twice, and so does whoever has left meanwhile.
 */
export const EVERY_ACCESS = Prisma.sql`(
  select given.tenant_id, given.profile_id, given.membership_id, given.until from profile_access given
  union all
  select given.tenant_id, given.profile_id, member.membership_id, null::timestamptz
  from profile_group given join group_member member on member.tenant_id = given.tenant_id and member.group_id = given.group_id)`;

/** Whose access to what is asked for, and when. */
export interface AccessRef {
  tenantId: string;
  profileId: string;
  membershipId: string;
  now: Date;
}

/** Whether somebody may use a profile, and until when; `until` null: without an end. */
export async function getAccess(
  tx: TenantTx,
  { tenantId, profileId, membershipId, now }: AccessRef,
): Promise<{ hasAccess: boolean; until: Date | null }> {
  const [row] = await tx.$queryRaw<{ ways: number; until: Date | null }[]>`
    select count(*)::int as ways, case when bool_and(until is not null) then max(until) end as until from ${EVERY_ACCESS} access
    where tenant_id = ${tenantId}::uuid and profile_id = ${profileId}::uuid and membership_id::text = ${membershipId}
      and (until is null or until > ${now})`;
  return { hasAccess: (row?.ways ?? 0) > 0, until: row?.until ?? null };
}

/** How many people may use each of these profiles. */
export async function countPeople(
  tx: TenantTx,
  { tenantId, now, profileIds }: { tenantId: string; now: Date; profileIds: readonly string[] },
): Promise<{ get(profileId: string): number }> {
  const rows = await tx.$queryRaw<{ profileId: string; people: number }[]>`
    select access.profile_id as "profileId", count(distinct access.membership_id)::int as people from ${EVERY_ACCESS} access
    join membership m on m.tenant_id = access.tenant_id and m.id = access.membership_id and m.ended_at is null
    where access.tenant_id = ${tenantId}::uuid and access.profile_id = any(${[...profileIds]}::uuid[])
      and (access.until is null or access.until > ${now})
    group by 1`;
  const counts = new Map(rows.map(({ profileId, people }) => [profileId, people]));
  return { get: (profileId) => counts.get(profileId) ?? 0 };
}

/** The profiles that somebody may use, as a condition. */
export function buildUsableBy(membershipId: string, now: Date): Prisma.ProfileWhereInput {
  const own = { membershipId };
  return {
    OR: [
      { access: { some: { ...own, OR: [{ until: null }, { until: { gt: now } }] } } },
      { groups: { some: { group: { members: { some: own } } } } },
    ],
  };
}

/** A client key that was revoked because its person may not use its profile any more. */
export interface LostKey {
  id: string;
  membershipId: string;
  profileId: string;
  expiresAt: Date;
}

/**
 * Inside of a mutation that holds the locks of these profiles, after ways to them were taken from these people: revokes the keys of those who have no other way
 * left. Nothing of it reaches an agent before `writeLostKeys`, which takes the acts that took the access.
 */
export async function revokeLostKeys(
  { tx, signal }: Mutation,
  { tenantId, runtime }: ServiceContext,
  { profileIds, membershipIds }: { profileIds: readonly string[]; membershipIds: readonly string[] },
): Promise<LostKey[]> {
  const now = runtime.now();
  const keys = await tx.$queryRaw<LostKey[]>`
    update client_key k set revoked_at = ${now}
    where k.tenant_id = ${tenantId}::uuid and k.profile_id = any(${[...profileIds]}::uuid[]) and k.membership_id = any(${[...membershipIds]}::uuid[])
      and k.revoked_at is null
      and not exists (
        select from ${EVERY_ACCESS} access
        where access.tenant_id = k.tenant_id and access.profile_id = k.profile_id and access.membership_id = k.membership_id
          and (access.until is null or access.until > ${now}))
    returning k.id, k.membership_id as "membershipId", k.profile_id as "profileId", k.expires_at as "expiresAt"`;
  for (const { id } of keys) signal('client_key', id);
  return keys;
}

/** Has the revocation log say that these keys ended, each by the act that `getActId` gives for it. */
export async function writeLostKeys(
  m: Mutation,
  ctx: ServiceContext,
  keys: readonly LostKey[],
  getActId: (key: LostKey) => string,
): Promise<void> {
  const ends = keys.map((key) => {
    const { id, expiresAt } = key;
    return { act: 'end', subject: { kind: 'key', id }, until: expiresAt.toISOString(), auditId: getActId(key) } as const;
  });
  await writeRevocations(m, ctx, ends);
}
