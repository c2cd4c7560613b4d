import type { TenantTx } from '@gatehouse/db/tenant';
import { ServerFeatures, type SnapshotContent } from '@gatehouse/policy/documents/snapshot';

import { getPublishedVersions } from '../profile/publish/published-versions.ts';
import { getApprovedEntries } from './offered-entries.ts';
import { toSnapshotEntries } from './snapshot-entries.ts';

interface Site {
  tenantId: string;
  siteId: string;
  now: Date;
}

/**
 * What a site should serve now: its published profiles with the entries whose exact definition is approved, the servers that those need,
 * and the client keys that are live. Transports are checked when the snapshot is parsed for signing.
 */
export async function assembleContent(tx: TenantTx, site: Site): Promise<unknown> {
  const published = await listPublishedProfiles(tx, site);
  const servers = await getReachableServers(
    tx,
    site,
    published.flatMap(({ document }) => document.entries.map(({ serverId }) => serverId)),
  );
  const approved = await getApprovedEntries(tx, {
    tenantId: site.tenantId,
    now: site.now,
    serverIds: [...servers.keys()],
    pins: published.flatMap(({ document }) => document.entries.map(({ pin }) => pin)),
  });
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

async function listPublishedProfiles(tx: TenantTx, { tenantId, siteId }: Site) {
  const rows = await tx.profile.findMany({
    where: { tenantId, disabledAt: null, publishedVersion: { not: null }, sites: { some: { siteId } } },
    select: { id: true, slug: true },
    orderBy: { slug: 'asc' },
  });
  const versions = await getPublishedVersions(
    tx,
    tenantId,
    rows.map(({ id }) => id),
  );
  return rows.flatMap(({ id, slug }) => {
    const published = versions.get(id);
    return published ? [{ id, slug, version: published.version, document: published.document }] : [];
  });
}

/** Those of these servers that are enabled and reachable at the site, with what their newest revisions can do. */
async function getReachableServers(tx: TenantTx, { tenantId, siteId }: Site, serverIds: readonly string[]) {
  const rows = await tx.$queryRaw<{ id: string; slug: string; name: string; transport: unknown; features: unknown }[]>`
    select s.id, s.slug, s.name, s.transport, coalesce(newest.features, '{}') as features
    from server s
    join server_site at on at.tenant_id = s.tenant_id and at.server_id = s.id and at.site_id = ${siteId}::uuid
    left join lateral (
      select features from server_revision where tenant_id = s.tenant_id and server_id = s.id order by number desc limit 1
    ) newest on true
    where s.tenant_id = ${tenantId}::uuid and s.disabled_at is null and s.id = any(${serverIds}::uuid[])
    order by s.slug`;
  return new Map(rows.map(({ features, ...row }) => [row.id, { ...row, features: ServerFeatures.parse(features) }]));
}

/** Live keys of people who still have access, and the ids of keys that were revoked before their time. */
async function collectClientKeys(
  tx: TenantTx,
  { tenantId, now }: Site,
  profileIds: string[],
): Promise<Pick<SnapshotContent, 'clientKeys' | 'revokedKeyIds'>> {
  const keys = await tx.clientKey.findMany({
    where: { tenantId, profileId: { in: profileIds }, expiresAt: { gt: now } },
    include: { membership: { select: { user: { select: { disabledAt: true } } } } },
    orderBy: { id: 'asc' },
  });
  const access = await tx.profileAccess.findMany({ where: { tenantId, profileId: { in: profileIds } } });
  const allowed = new Set(access.map(({ profileId, membershipId }) => `${profileId} ${membershipId}`));
  const live = keys.filter(
    ({ revokedAt, membership, profileId, membershipId }) =>
      revokedAt === null && membership.user.disabledAt === null && allowed.has(`${profileId} ${membershipId}`),
  );
  return {
    clientKeys: live.map(({ id, keyHash, membershipId, profileId, expiresAt }) => ({
      keyId: id,
      hash: keyHash,
      personId: membershipId,
      profileId,
      expiresAt: expiresAt.toISOString(),
    })),
    revokedKeyIds: keys.filter(({ revokedAt }) => revokedAt !== null).map(({ id }) => id),
  };
}
