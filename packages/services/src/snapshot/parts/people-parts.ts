import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { type AccessPart, type KeysPart, toBucket } from '@gatehouse/policy/documents/manifest';
import type { SnapshotClientKey } from '@gatehouse/policy/documents/snapshot';

import { buildActCondition } from '../acts.ts';
import type { SiteRef } from './site-ref.ts';

/** Those of these buckets that hold anything: who may use what at the site, each grant only as far as an act of a person stands behind it. */
export async function listAccessParts(
  tx: TenantTx,
  { tenantId, siteId }: SiteRef,
  buckets: readonly string[],
): Promise<Map<string, AccessPart>> {
  if (buckets.length === 0) return new Map();
  const granted = buildActCondition(Prisma.sql`g`, {
    action: 'profile.grant_access',
    entityId: Prisma.sql`g.profile_id`,
    says: Prisma.sql`act.after ->> 'membershipId' = g.membership_id::text`,
  });
  const rows = await tx.$queryRaw<{ personId: string; profileIds: string[] }[]>`
    select g.membership_id as "personId", array_agg(g.profile_id::text order by g.profile_id) as "profileIds"
    from profile_access g
    join membership m on m.tenant_id = g.tenant_id and m.id = g.membership_id and m.ended_at is null
    join "user" u on u.id = m.user_id and u.disabled_at is null
    join profile_site at on at.tenant_id = g.tenant_id and at.profile_id = g.profile_id and at.site_id = ${siteId}::uuid
    where g.tenant_id = ${tenantId}::uuid and ${isInBucket(Prisma.sql`g.membership_id`, buckets)} and ${granted}
    group by 1 order by 1`;
  const byBucket = Map.groupBy(rows, ({ personId }) => toBucket(personId));
  return mapValues(byBucket, (people) => ({ grants: people.map(({ personId, profileIds }) => [personId, profileIds]) }));
}

/** Those of these buckets that hold anything: live keys that people made for themselves and profiles of the site. */
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
    select k.id as "keyId", k.key_hash as hash, k.membership_id as "personId", k.profile_id as "profileId", k.expires_at as "expiresAt"
    from client_key k
    join membership m on m.tenant_id = k.tenant_id and m.id = k.membership_id and m.ended_at is null
    join "user" u on u.id = m.user_id and u.disabled_at is null
    join profile_site at on at.tenant_id = k.tenant_id and at.profile_id = k.profile_id and at.site_id = ${siteId}::uuid
    where k.tenant_id = ${tenantId}::uuid and ${isInBucket(Prisma.sql`k.id`, buckets)} and k.revoked_at is null and k.expires_at > ${now}
      and ${made}
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
