import type { Site } from '@gatehouse/db/client';
import { hashContent } from '@gatehouse/policy/documents/content-hash';
import type { Manifest, ManifestRoots } from '@gatehouse/policy/documents/manifest';

import type { Mutation } from '../audit/mutate.ts';
import type { ServiceContext } from '../context.ts';
import { createNotFoundError } from '../errors.ts';
import { signDocument } from '../signing/sign.ts';
import { buildTrees, type Change, EVERYTHING } from './parts/build-trees.ts';
import { openPrevious } from './parts/previous.ts';
import { storeParts } from './parts/store-parts.ts';
import { encodeIndexes, NO_TREES } from './parts/tree.ts';
import { isWholeDue, writeWholeSnapshot } from './write-whole-snapshot.ts';

/** What led to a version. With `lease` the same is signed again, to renew the lease. */
export type WriteReason = 'lease' | 'expiry' | `${string}.${string}`;

/** How long a job may take for one site: building everything of a large one, when its process has just started. */
export const PASS_MS = 120_000;

/** What a signed document says beside its content. */
export interface Version {
  site: Pick<Site, 'tenantId' | 'id' | 'slug'>;
  version: bigint;
  issuedAt: Date;
  /** end of the lease */
  notAfter: Date;
  reason: WriteReason;
}

/**
 * Inside the caller's mutation: locks the site, builds the parts that may have changed, signs a manifest of them under the next version and
 * stores both; and the whole snapshot while an agent of the site needs one. Null when nothing changed. When a mutation writes for several
 * sites, use `writeConfigurations`, which locks them in one order.
 */
export async function writeConfiguration(
  m: Mutation,
  ctx: ServiceContext,
  siteId: string,
  reason: WriteReason,
  change: Change,
): Promise<{ version: number } | null> {
  const { tenantId, runtime } = ctx;
  const site = await lockSite(m, tenantId, siteId);
  const now = runtime.now();
  const previous = await openPrevious(ctx, m.tx, { siteId, version: site.snapshotVersion });
  const place = { tenantId, siteId, now };
  const { trees, parts } = await buildTrees(m.tx, place, previous ? change : EVERYTHING, previous?.trees ?? NO_TREES);
  const { roots, indexes } = encodeIndexes(trees);
  const isWholeNeeded = await isWholeDue(m.tx, place, runtime.settings.leaseMs);
  if (reason !== 'lease' && previous && hashContent(previous.roots) === hashContent(roots)) {
    if (!isWholeNeeded || (await hasSnapshot(m, site))) return null;
  }

  const notAfter = new Date(now.getTime() + runtime.settings.leaseMs);
  const next: Version = { site, version: site.snapshotVersion + 1n, issuedAt: now, notAfter, reason };
  await storeParts(m.tx, place, [...parts, ...indexes]);
  await writeManifest(m, ctx, next, roots);
  if (isWholeNeeded) await writeWholeSnapshot(m, ctx, next, trees);
  await m.tx.site.update({ where: { tenantId_id: { tenantId, id: siteId } }, data: { snapshotVersion: next.version } });
  m.signal('site', siteId);
  return { version: Number(next.version) };
}

/** `writeConfiguration` for each site, in the order of their ids so that two mutations never wait for each other. Sites without a change are left out. */
export async function writeConfigurations(
  m: Mutation,
  ctx: ServiceContext,
  siteIds: readonly string[],
  reason: WriteReason,
  change: Change,
): Promise<{ siteId: string; snapshotVersion: number }[]> {
  const written: { siteId: string; snapshotVersion: number }[] = [];
  for (const siteId of [...new Set(siteIds)].toSorted()) {
    const next = await writeConfiguration(m, ctx, siteId, reason, change);
    if (next) written.push({ siteId, snapshotVersion: next.version });
  }
  return written;
}

async function lockSite({ tx }: Mutation, tenantId: string, siteId: string): Promise<Site> {
  await tx.$executeRaw`select 1 from site where tenant_id = ${tenantId}::uuid and id = ${siteId}::uuid for update`;
  const site = await tx.site.findUnique({ where: { tenantId_id: { tenantId, id: siteId } } });
  if (!site) throw createNotFoundError('site');
  return site;
}

async function hasSnapshot({ tx }: Mutation, { tenantId, id: siteId, snapshotVersion: version }: Site): Promise<boolean> {
  return (await tx.snapshot.count({ where: { tenantId, siteId, version } })) > 0;
}

async function writeManifest(m: Mutation, ctx: ServiceContext, next: Version, roots: ManifestRoots): Promise<void> {
  const { site, version, issuedAt, notAfter, reason } = next;
  const { tenantId, tenantSlug } = ctx;
  const manifest: Manifest = {
    format: 1,
    tenantId,
    tenantSlug,
    siteId: site.id,
    siteSlug: site.slug,
    version: Number(version),
    issuedAt: issuedAt.toISOString(),
    notAfter: notAfter.toISOString(),
    roots,
  };
  const payload = Buffer.from(JSON.stringify(manifest));
  const { keyId, signature } = await signDocument(ctx, m.tx, 'application/vnd.gatehouse.manifest+json', payload);
  await m.tx.manifest.create({
    data: {
      tenantId,
      siteId: site.id,
      version,
      contentHash: hashContent(roots),
      payload,
      signature: Buffer.from(signature, 'base64'),
      keyId,
      notAfter,
      createdAt: issuedAt,
      reason,
    },
  });
}
