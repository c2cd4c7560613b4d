import type { TenantTx } from '@gatehouse/db/tenant';
import { toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { hashContent } from '@gatehouse/policy/documents/content-hash';
import { AccessPart, KeysPart, ProfilePart, ServerPart } from '@gatehouse/policy/documents/manifest';
import { type Snapshot, SnapshotContent, type SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import type { Mutation } from '../audit/mutate.ts';
import type { ServiceContext } from '../context.ts';
import { ServiceError } from '../errors.ts';
import { signDocument } from '../signing/sign.ts';
import type { SiteRef } from './parts/site-ref.ts';
import type { Leaves, Trees } from './parts/tree.ts';
import type { Version } from './write-configuration.ts';

/** Largest signed document that a hub frame can carry, bytes. */
const MAX_PAYLOAD_BYTES = 32 * 1024 * 1024;

/**
 * Whether a site needs its whole snapshot beside the manifest: until every agent that is in use has shown that it can fetch parts. An agent
 * that has not been seen for a lease serves nothing, and shows what it can do when it comes back.
 */
export async function isWholeDue(tx: TenantTx, { tenantId, siteId, now }: SiteRef, leaseMs: number): Promise<boolean> {
  const since = new Date(now.getTime() - leaseMs);
  const agents = await tx.agent.findMany({
    where: { tenantId, siteId, revokedAt: null, quarantinedAt: null, OR: [{ lastSeenAt: null }, { lastSeenAt: { gte: since } }] },
    select: { features: true },
  });
  return agents.length === 0 || agents.some(({ features }) => !features.includes('parts'));
}

/** Signs and stores the same configuration as one document, as agents of protocol 1 need it. */
export async function writeWholeSnapshot(m: Mutation, ctx: ServiceContext, next: Version, trees: Trees): Promise<void> {
  const { site, version, issuedAt, notAfter, reason } = next;
  const { tenantId, tenantSlug } = ctx;
  const content = SnapshotContent.parse(await joinParts(m.tx, { tenantId, siteId: site.id, now: issuedAt }, trees));
  const contentHash = hashContent(content);
  const snapshot: Snapshot = {
    format: 2,
    tenantId,
    tenantSlug,
    siteId: site.id,
    siteSlug: site.slug,
    version: Number(version),
    issuedAt: issuedAt.toISOString(),
    notAfter: notAfter.toISOString(),
    contentHash,
    content,
  };
  const payload = Buffer.from(JSON.stringify(snapshot));
  if (payload.length > MAX_PAYLOAD_BYTES) {
    throw new ServiceError('precondition', 'The configuration of this site is larger than 32 MiB. Select less in its profiles.');
  }
  const { keyId, signature: signed } = await signDocument(ctx, m.tx, 'application/vnd.gatehouse.snapshot+json', payload);
  const signature = Buffer.from(signed, 'base64');
  await m.tx.snapshot.create({
    data: { tenantId, siteId: site.id, version, contentHash, payload, signature, keyId, notAfter, createdAt: issuedAt, reason },
  });
}

/** The content of a whole snapshot: an entry stands in its profile with what its server's part says of it. */
async function joinParts(tx: TenantTx, site: SiteRef, trees: Trees): Promise<unknown> {
  const readAll = async <P>(leaves: Leaves, schema: { parse(value: unknown): P }): Promise<P[]> => {
    const rows = await tx.configPart.findMany({ where: { tenantId: site.tenantId, hash: { in: [...leaves.values()] } } });
    return rows.map(({ bytes }) => schema.parse(JSON.parse(Buffer.from(bytes).toString())));
  };
  const servers = (await readAll(trees.servers, ServerPart)).filter(({ server }) => isReadable(server));
  const offered = new Map(
    servers.flatMap(({ server, entries }) =>
      entries.map((entry) => [toServerEntryKey({ serverId: server.id, ...entry }), entry]),
    ),
  );
  const profiles = (await readAll(trees.profiles, ProfilePart)).map((profile) => ({
    ...profile,
    entries: profile.entries.flatMap((entry) => {
      const found = offered.get(toServerEntryKey(entry));
      return found?.pin === entry.pin ? { ...entry, ...found } : [];
    }),
  }));
  const used = new Set(profiles.flatMap(({ entries }) => entries.map(({ serverId }) => serverId)));
  const access = new Map((await readAll(trees.access, AccessPart)).flatMap(({ grants }) => grants));
  const served = new Set(profiles.map(({ id }) => id));
  const keys = (await readAll(trees.keys, KeysPart)).flatMap((part) => part.keys);
  return {
    servers: servers
      .map(({ server }) => server)
      .filter(({ id }) => used.has(id))
      .toSorted(bySlug),
    profiles: profiles.toSorted(bySlug),
    clientKeys: keys
      .filter(({ personId, profileId }) => served.has(profileId) && access.get(personId)?.includes(profileId))
      .toSorted((a, b) => (a.keyId < b.keyId ? -1 : 1)),
    revokedKeyIds: await listRevokedKeyIds(tx, site, [...served]),
  };
}

/** An agent of protocol 1 that cannot read one server takes nothing of the whole: it serves the others without this one. */
function isReadable({ transport }: SnapshotServer): boolean {
  const credential = transport.kind === 'stdio' ? null : transport.credential;
  if (credential?.kind === 'header') return /^[A-Za-z0-9-]*$/.test(credential.header);
  return credential?.kind !== 'query' && credential?.kind !== 'several';
}

function bySlug(a: { slug: string }, b: { slug: string }): number {
  return a.slug < b.slug ? -1 : 1;
}

/** Keys that were revoked before their time; agents of protocol 1 know them from here only. */
async function listRevokedKeyIds(tx: TenantTx, { tenantId, now }: SiteRef, profileIds: string[]): Promise<string[]> {
  const keys = await tx.clientKey.findMany({
    where: { tenantId, profileId: { in: profileIds }, revokedAt: { not: null }, expiresAt: { gt: now } },
    select: { id: true },
    orderBy: { id: 'asc' },
  });
  return keys.map(({ id }) => id);
}
