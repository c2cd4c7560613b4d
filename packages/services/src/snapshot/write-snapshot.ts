import { hashContent } from '@gatehouse/policy/documents/canonical';
import { SnapshotContent, type Snapshot } from '@gatehouse/policy/documents/snapshot';

import type { Mutation } from '../audit/mutate.ts';
import type { ServiceContext } from '../context.ts';
import { createNotFoundError, ServiceError } from '../errors.ts';
import { signDocument } from '../signing/sign.ts';
import { assembleContent } from './assemble-content.ts';

/** Largest signed document that a hub frame can carry, bytes. */
const MAX_PAYLOAD_BYTES = 32 * 1024 * 1024;

/** What led to a snapshot. With `lease` the same content is signed again, to renew the lease. */
export type SnapshotReason = 'lease' | 'expiry' | `${string}.${string}`;

/**
 * Inside the caller's mutation: locks the site, assembles what it should serve now, signs it under the next version and stores it. Null
 * when nothing changed. When a mutation writes for several sites, use `writeSnapshots`, which locks them in one order.
 */
export async function writeSnapshot(
  m: Mutation,
  ctx: ServiceContext,
  siteId: string,
  reason: SnapshotReason,
): Promise<{ version: number } | null> {
  const { tenantId } = ctx;
  await m.tx.$executeRaw`select 1 from site where tenant_id = ${tenantId}::uuid and id = ${siteId}::uuid for update`;
  const site = await m.tx.site.findUnique({ where: { tenantId_id: { tenantId, id: siteId } } });
  if (!site) throw createNotFoundError('site');

  const now = ctx.runtime.now();
  const content = SnapshotContent.parse(await assembleContent(m.tx, { tenantId, siteId, now }));
  const contentHash = hashContent(content);
  if (reason !== 'lease' && contentHash === (await findCurrentHash(m, tenantId, siteId, site.snapshotVersion))) return null;

  const version = site.snapshotVersion + 1n;
  const notAfter = new Date(now.getTime() + ctx.runtime.settings.leaseMs);
  const snapshot: Snapshot = {
    format: 2,
    tenantId,
    tenantSlug: ctx.tenantSlug,
    siteId,
    siteSlug: site.slug,
    version: Number(version),
    issuedAt: now.toISOString(),
    notAfter: notAfter.toISOString(),
    contentHash,
    content,
  };
  const payload = Buffer.from(JSON.stringify(snapshot));
  if (payload.length > MAX_PAYLOAD_BYTES) {
    throw new ServiceError('precondition', 'The configuration of this site is larger than 32 MiB. Select less in its profiles.');
  }
  const envelope = await signDocument(ctx, m.tx, 'application/vnd.gatehouse.snapshot+json', payload);
  const signature = Buffer.from(envelope.signature, 'base64');
  await m.tx.snapshot.create({
    data: { tenantId, siteId, version, contentHash, payload, signature, keyId: envelope.keyId, notAfter, createdAt: now, reason },
  });
  await m.tx.site.update({ where: { tenantId_id: { tenantId, id: siteId } }, data: { snapshotVersion: version } });
  m.signal('site', siteId);
  return { version: Number(version) };
}

/** `writeSnapshot` for each site, in the order of their ids so that two mutations never wait for each other. Sites without a change are left out. */
export async function writeSnapshots(
  m: Mutation,
  ctx: ServiceContext,
  siteIds: readonly string[],
  reason: SnapshotReason,
): Promise<{ siteId: string; snapshotVersion: number }[]> {
  const written: { siteId: string; snapshotVersion: number }[] = [];
  for (const siteId of [...new Set(siteIds)].toSorted()) {
    const snapshot = await writeSnapshot(m, ctx, siteId, reason);
    if (snapshot) written.push({ siteId, snapshotVersion: snapshot.version });
  }
  return written;
}

async function findCurrentHash(m: Mutation, tenantId: string, siteId: string, version: bigint): Promise<string | null> {
  if (version === 0n) return null;
  const newest = await m.tx.snapshot.findUnique({
    where: { tenantId_siteId_version: { tenantId, siteId, version } },
    select: { contentHash: true },
  });
  return newest?.contentHash ?? null;
}
