import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { type AccessPart, type KeysPart, toBucket } from '@gatehouse/policy/documents/manifest';
import type { SnapshotClientKey } from '@gatehouse/policy/documents/snapshot';

import { buildActCondition } from '../acts.ts';
import type { SiteRef } from './site-ref.ts';

/** Acts of people stand behind the row `g` of profile_access, and behind its end. */
const IS_GIVEN = buildActCondition(Prisma.sql`g`, {
  action: 'profile.grant_access',
  entityId: Prisma.sql`g.profile_id`,
  says: Prisma.sql`act.after ->> 'membershipId' = g.membership_id::text
    and coalesce((act.after ->> 'until')::timestamptz, 'infinity') >= coalesce(g.until, 'infinity')`,
});

/** Acts of people stand behind both halves of what a group has: `g` of profile_group and `gm` of group_member. */
const IS_GIVEN_TO_GROUP = Prisma.sql`${buildActCondition(Prisma.sql`g`, {
  action: 'profile.grant_group',
  entityId: Prisma.sql`g.profile_id`,
  says: Prisma.sql`act.after ->> 'groupId' = g.group_id::text`,
})} and ${buildActCondition(Prisma.sql`gm`, {
  action: 'group.add_member',
  entityId: Prisma.sql`gm.group_id`,
  says: Prisma.sql`act.after ->> 'membershipId' = gm.membership_id::text`,
})}`;

/**
 * Those of these buckets that hold anything: who may use what at the site, by name or by a group (`EVERY_ACCESS` of profile/effective-access.ts), each only as far
 * as acts of people stand behind it. Agents know no groups: they are told who is in them.
 */
export async function listAccessParts(
  tx: TenantTx,
  { tenantId, siteId, now }: SiteRef,
  buckets: readonly string[],
): Promise<Map<string, AccessPart>> {
  if (buckets.length === 0) return new Map();
  const rows = await tx.$queryRaw<{ personId: string; profileIds: string[] }[]>`
    select a.membership_id as "personId", array_agg(a.profile_id::text order by a.profile_id) as "profileIds"
    from (
      select g.profile_id, g.membership_id from profile_access g
      where g.tenant_id = ${tenantId}::uuid and ${isInBucket(Prisma.sql`g.membership_id`, buckets)}
        and (g.until is null or g.until > ${now}) and ${IS_GIVEN}
      union
      select g.profile_id, gm.membership_id
      from profile_group g join group_member gm on gm.tenant_id = g.tenant_id and gm.group_id = g.group_id
      where gm.tenant_id = ${tenantId}::uuid and ${isInBucket(Prisma.sql`gm.membership_id`, buckets)} and ${IS_GIVEN_TO_GROUP}
    ) a
    join membership m on m.tenant_id = ${tenantId}::uuid and m.id = a.membership_id and m.ended_at is null
    join "user" u on u.id = m.user_id and u.disabled_at is null
    join profile_site at on at.tenant_id = ${tenantId}::uuid and at.profile_id = a.profile_id and at.site_id = ${siteId}::uuid
    group by 1 order by 1`;
  const byBucket = Map.groupBy(rows, ({ personId }) => toBucket(personId));
  return mapValues(byBucket, (people) => ({ grants: people.map(({ personId, profileIds }) => [personId, profileIds]) }));
}

/**
 * Those of these buckets that hold anything: live keys that people made for themselves and profiles of the site. A key ends with the access that it was made under,
 * also at an agent that hears of nothing any more: its signed end is the earlier of the two.
 */
export async function listKeysParts(
  tx: TenantTx,
  { tenantId, siteId, now }: SiteRef,
  buckets: readonly string[],
): Promise<Map<string, KeysPart>> {
  if (buckets.length === 0) return new Map();
  const made = buildActCondition(Prisma.sql`k`, {
    action: 'client_key.create',
    entityId: Prisma.sql`k.id`,
    // an act of an earlier version does not name the hash
    says: Prisma.sql`act.actor_id = k.membership_id::text and coalesce(act.after ->> 'keyHash', k.key_hash) = k.key_hash
      and coalesce(act.after ->> 'profileId', k.profile_id::text) = k.profile_id::text
      and coalesce((act.after ->> 'expiresAt')::timestamptz, k.expires_at) >= k.expires_at`,
  });
  const rows = await tx.$queryRaw<(Omit<SnapshotClientKey, 'expiresAt'> & { expiresAt: Date })[]>`
    select k.id as "keyId", k.key_hash as hash, k.membership_id as "personId", k.profile_id as "profileId",
      least(k.expires_at, ended.until) as "expiresAt"
    from client_key k
    join membership m on m.tenant_id = k.tenant_id and m.id = k.membership_id and m.ended_at is null
    join "user" u on u.id = m.user_id and u.disabled_at is null
    join profile_site at on at.tenant_id = k.tenant_id and at.profile_id = k.profile_id and at.site_id = ${siteId}::uuid
    left join lateral (
      select own.until from profile_access own
      where own.tenant_id = k.tenant_id and own.profile_id = k.profile_id and own.membership_id = k.membership_id and own.until is not null
        and not exists (
          select from profile_group g join group_member gm on gm.tenant_id = g.tenant_id and gm.group_id = g.group_id
          where g.tenant_id = k.tenant_id and g.profile_id = k.profile_id and gm.membership_id = k.membership_id and ${IS_GIVEN_TO_GROUP})
    ) ended on true
    where k.tenant_id = ${tenantId}::uuid and ${isInBucket(Prisma.sql`k.id`, buckets)} and k.revoked_at is null
      and least(k.expires_at, ended.until) > ${now} and ${made}
    order by k.id`;
  const keys = rows.map(({ expiresAt, ...key }) => ({ ...key, expiresAt: expiresAt.toISOString() }));
  return mapValues(
    Map.groupBy(keys, ({ keyId }) => toBucket(keyId)),
    (inBucket) => ({ keys: inBucket }),
  );
}

function isInBucket(id: Prisma.Sql, buckets: readonly string[]): Prisma.Sql {
  return Prisma.sql`app.bucket(${id}) = any(${buckets.map((bucket) => Number.parseInt(bucket, 16))}::int[])`;
}

function mapValues<Key, From, To>(map: ReadonlyMap<Key, From>, convert: (value: From) => To): Map<Key, To> {
  return new Map([...map].map(([key, value]) => [key, convert(value)]));
}
