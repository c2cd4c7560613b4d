import { hash } from 'node:crypto';

import type { TenantTx } from '@gatehouse/db/tenant';
import { IndexPart, Manifest, type ManifestRoots } from '@gatehouse/policy/documents/manifest';

import type { ServiceContext } from '../../context.ts';
import { openSigned } from '../../signing/sign.ts';
import { toManifestEnvelope } from '../envelopes.ts';
import { NO_TREES, type Trees } from './tree.ts';

/**
 * What the newest manifest of a site names, to be taken over where nothing changed. Null when there is none to build upon: it is not of
 * this site and version, the tenant's key has not signed it, or a part of it is missing. Nobody but the signer can have it say anything.
 */
export async function openPrevious(
  ctx: Pick<ServiceContext, 'runtime' | 'tenantId'>,
  tx: TenantTx,
  { siteId, version }: { siteId: string; version: bigint },
): Promise<{ roots: ManifestRoots; trees: Trees } | null> {
  const { tenantId } = ctx;
  const row = await tx.manifest.findUnique({ where: { tenantId_siteId_version: { tenantId, siteId, version } } });
  const bytes = row && (await openSigned(ctx, tx, toManifestEnvelope(row)));
  if (!bytes) return null;
  const manifest = Manifest.parse(JSON.parse(bytes.toString()));
  if (manifest.siteId !== siteId || BigInt(manifest.version) !== version) return null;
  const trees = await readTrees(tx, tenantId, manifest.roots);
  return trees && { roots: manifest.roots, trees };
}

async function readTrees(tx: TenantTx, tenantId: string, roots: ManifestRoots): Promise<Trees | null> {
  const rows = await tx.configPart.findMany({ where: { tenantId, hash: { in: Object.values(roots) } } });
  const trees: Record<keyof Trees, Trees[keyof Trees]> = { ...NO_TREES };
  for (const row of rows) {
    if (hash('sha256', row.bytes) !== row.hash) return null;
    const { kind, entries } = IndexPart.parse(JSON.parse(Buffer.from(row.bytes).toString()));
    trees[kind] = new Map<string, string>(entries);
  }
  return rows.length === Object.keys(roots).length ? trees : null;
}
