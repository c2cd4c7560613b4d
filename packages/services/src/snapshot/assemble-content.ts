import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { PublishedProfile } from '@gatehouse/policy/documents/profile';
import { ServerFeatures, type SnapshotContent } from '@gatehouse/policy/documents/snapshot';

import { buildActCondition } from './acts.ts';
import { getApprovedEntries, type OfferedEntry } from './offered-entries.ts';
import { toSnapshotEntries } from './snapshot-entries.ts';

interface Site {
  tenantId: string;
  siteId: string;
  now: Date;
}

/**
 * What a site should serve now: its published profiles with the entries whose exact definition is approved, the servers that those need,
 * and the client keys that are live, each only as far as an act of a person stands behind it. Transports are checked when the snapshot is parsed for signing.
 */
export async function assembleContent(tx: TenantTx, site: Site): Promise<unknown> {
  const published = await listPublishedProfiles(tx, site);
  const servers = await getReachableServers(
    tx,
    site,
    published.flatMap(({ document }) => document.entries.map(({ serverId }) => serverId)),
  );
  const approvals = await getApprovedEntries(tx, {
    tenantId: site.tenantId,
    now: site.now,
    serverIds: [...servers.keys()],
    pins: published.flatMap(({ document }) => document.entries.map(({ pin }) => pin)),
  });
  const approved = await dropUndecided(tx, site.tenantId, approvals);
  const profiles = published.map(({ document: { name, description, audit, entries }, ...profile }) => ({
    ...profile,
    name,
    description,
    audit,
    entries: toSnapshotEntries(entries, approved),
  }));
  const used = new Set(profiles.flatMap(({ entries }) => entries.map(({ serverId }) => serverId)));
  const keys = await collectClientKeys(
    tx,
    site,
    profiles.map(({ id }) => id),
  );
  return { servers: [...servers.values()].filter(({ id }) => used.has(id)), profiles, ...keys };
}

/** A published version counts when a person published it with this content. */
async function listPublishedProfiles(tx: TenantTx, { tenantId, siteId }: Site) {
  const act = { action: 'profile.publish', entityId: Prisma.sql`v.profile_id` } as const;
  const says = Prisma.sql`act.after ->> 'version' = v.number::text and act.after ->> 'contentHash' = v.content_hash`;
  const rows = await tx.$queryRaw<{ id: string; slug: string; version: number; document: unknown }[]>`
    select p.id, p.slug, v.number as version, v.document
    from profile p
    join profile_site at on at.tenant_id = p.tenant_id and at.profile_id = p.id and at.site_id = ${siteId}::uuid
    join profile_version v on v.tenant_id = p.tenant_id and v.profile_id = p.id and v.number = p.published_version
    where p.tenant_id = ${tenantId}::uuid and p.disabled_at is null and ${buildActCondition(Prisma.sql`v`, { ...act, says })}
    order by p.slug`;
  return rows.map(({ document, ...row }) => ({ ...row, document: PublishedProfile.parse(document) }));
}

/**
 * Those of these servers that are enabled and that a person made reachable at the site by this transport, with what their newest revisions
 * can do.
 */
async function getReachableServers(tx: TenantTx, { tenantId, siteId }: Site, serverIds: readonly string[]) {
  const act = { action: 'server.create', entityId: Prisma.sql`s.id` } as const;
  const says = Prisma.sql`act.after -> 'transport' = s.transport and act.after -> 'siteIds' ? ${siteId}`;
  const rows = await tx.$queryRaw<{ id: string; slug: string; name: string; transport: unknown; features: unknown }[]>`
    select s.id, s.slug, s.name, s.transport, coalesce(newest.features, '{}') as features
    from server s
    join server_site at on at.tenant_id = s.tenant_id and at.server_id = s.id and at.site_id = ${siteId}::uuid
    left join lateral (
      select features from server_revision where tenant_id = s.tenant_id and server_id = s.id order by number desc limit 1
    ) newest on true
    where s.tenant_id = ${tenantId}::uuid and s.disabled_at is null and s.id = any(${serverIds}::uuid[])
      and ${buildActCondition(Prisma.sql`s`, { ...act, says })}
    order by s.slug`;
  return new Map(rows.map(({ features, ...row }) => [row.id, { ...row, features: ServerFeatures.parse(features) }]));
}

/** Of these approvals the ones that a person gave: they carry the act that decided their review. */
async function dropUndecided(
  tx: TenantTx,
  tenantId: string,
  approved: ReadonlyMap<string, OfferedEntry>,
): Promise<ReadonlyMap<string, OfferedEntry>> {
  const reviewIds = [...new Set([...approved.values()].map(({ reviewId }) => reviewId))];
  const act = { action: 'review.decide', entityId: Prisma.sql`v.id` } as const;
  const reviews = await tx.$queryRaw<{ id: string; auditId: string }[]>`
    select v.id, v.audit_id as "auditId" from review v
    where v.tenant_id = ${tenantId}::uuid and v.id = any(${reviewIds}::uuid[]) and ${buildActCondition(Prisma.sql`v`, act)}`;
  const acts = new Map(reviews.map(({ id, auditId }) => [id, auditId]));
  const isDecided = ({ reviewId, auditId }: OfferedEntry) => reviewId !== null && acts.get(reviewId) === auditId;
  return new Map([...approved].filter(([, entry]) => isDecided(entry)));
}

interface KeyRow {
  id: string;
  keyHash: string;
  membershipId: string;
  profileId: string;
  expiresAt: Date;
  revoked: boolean;
}

/** Live keys that people made and still have access for, and the ids of keys that were revoked before their time. */
async function collectClientKeys(
  tx: TenantTx,
  { tenantId, now }: Site,
  profileIds: string[],
): Promise<Pick<SnapshotContent, 'clientKeys' | 'revokedKeyIds'>> {
  const made = buildActCondition(Prisma.sql`k`, { action: 'client_key.create', entityId: Prisma.sql`k.id` });
  const granted = buildActCondition(Prisma.sql`g`, {
    action: 'profile.grant_access',
    entityId: Prisma.sql`g.profile_id`,
    says: Prisma.sql`act.after ->> 'membershipId' = g.membership_id::text`,
  });
  const keys = await tx.$queryRaw<KeyRow[]>`
    select k.id, k.key_hash as "keyHash", k.membership_id as "membershipId", k.profile_id as "profileId", k.expires_at as "expiresAt",
      k.revoked_at is not null as revoked
    from client_key k
    join membership m on m.tenant_id = k.tenant_id and m.id = k.membership_id
    join "user" u on u.id = m.user_id
    left join profile_access g on g.tenant_id = k.tenant_id and g.profile_id = k.profile_id and g.membership_id = k.membership_id
    where k.tenant_id = ${tenantId}::uuid and k.profile_id = any(${profileIds}::uuid[]) and k.expires_at > ${now}
      and (k.revoked_at is not null or (u.disabled_at is null and ${made} and ${granted}))
    order by k.id`;
  return {
    clientKeys: keys
      .filter(({ revoked }) => !revoked)
      .map(({ id, keyHash, membershipId, profileId, expiresAt }) => ({
        keyId: id,
        hash: keyHash,
        personId: membershipId,
        profileId,
        expiresAt: expiresAt.toISOString(),
      })),
    revokedKeyIds: keys.filter(({ revoked }) => revoked).map(({ id }) => id),
  };
}
