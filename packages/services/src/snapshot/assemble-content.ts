import type { TenantTx } from '@gatehouse/db/tenant';
import { PublishedProfile } from '@gatehouse/policy/documents/profile';
import { ServerFeatures, type SnapshotContent } from '@gatehouse/policy/documents/snapshot';

import { approvedEntries } from './offered-entries.ts';
import { snapshotEntries } from './snapshot-entries.ts';

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
  const published = await publishedProfiles(tx, site);
  const servers = await reachableServers(tx, site);
  const approved = await approvedEntries(tx, {
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
    entries: snapshotEntries(entries, approved),
  }));
  const used = new Set(profiles.flatMap(({ entries }) => entries.map(({ serverId }) => serverId)));
  const keys = await clientKeys(
    tx,
    site,
    profiles.map(({ id }) => id),
  );
  return { servers: [...servers.values()].filter(({ id }) => used.has(id)), profiles, ...keys };
}

async function publishedProfiles(tx: TenantTx, { tenantId, siteId }: Site) {
  const rows = await tx.profile.findMany({
    where: { tenantId, disabledAt: null, publishedVersion: { not: null }, sites: { some: { siteId } } },
    select: { id: true, slug: true, publishedVersion: true },
    orderBy: { slug: 'asc' },
  });
  const wanted = rows.map(({ id, publishedVersion }) => ({ profileId: id, number: publishedVersion ?? 0 }));
  const versions = await tx.profileVersion.findMany({ where: { tenantId, OR: wanted } });
  const documents = new Map(versions.map((version) => [version.profileId, PublishedProfile.parse(version.document)]));
  return rows.flatMap(({ id, slug, publishedVersion }) => {
    const document = documents.get(id);
    return document && publishedVersion !== null ? [{ id, slug, version: publishedVersion, document }] : [];
  });
}

async function reachableServers(tx: TenantTx, { tenantId, siteId }: Site) {
  const rows = await tx.server.findMany({
    where: { tenantId, disabledAt: null, sites: { some: { siteId } } },
    select: {
      id: true,
      slug: true,
      name: true,
      transport: true,
      revisions: { orderBy: { number: 'desc' }, take: 1, select: { features: true } },
    },
    orderBy: { slug: 'asc' },
  });
  return new Map(
    rows.map(({ revisions, ...row }) => [row.id, { ...row, features: ServerFeatures.parse(revisions[0]?.features ?? {}) }]),
  );
}

/** Live keys of people who still have access, and the ids of keys that were revoked before their time. */
async function clientKeys(
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
