import { z } from 'zod';

import type { SignedEnvelope } from '@gatehouse/protocol/envelope';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { requireAgent, type ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { toManifestEnvelope, toSnapshotEnvelope } from './envelopes.ts';

export const GetDesiredConfig = z.object({
  /** answer null unless the newest version is newer than this */
  newerThan: z.int().nonnegative().default(0),
});
export type GetDesiredConfig = z.input<typeof GetDesiredConfig>;

interface GetDesired {
  ctx: ServiceContext;
  input?: GetDesiredConfig;
}

/**
 * The newest configuration of the agent's own site as one document. Where the newest version is none, because no agent of the site needed
 * one, null: an older version could bring back what was revoked. The worker is asked to write one.
 */
export async function getDesiredConfig({
  ctx,
  input = {},
}: GetDesired): Promise<{ version: number; contentHash: string; envelope: SignedEnvelope } | null> {
  authorize(ctx, 'config.read');
  const { newerThan } = parseInput(GetDesiredConfig, input);
  const { tenantId, runtime } = ctx;
  const { siteId } = requireAgent(ctx);
  const { version, snapshot } = await read(ctx, async (tx) => {
    const site = await tx.site.findUnique({
      where: { tenantId_id: { tenantId, id: siteId } },
      select: { snapshotVersion: true },
    });
    const newest = site?.snapshotVersion ?? 0n;
    if (newest <= BigInt(newerThan)) return { version: 0n, snapshot: null };
    const where = { tenantId_siteId_version: { tenantId, siteId, version: newest } };
    return { version: newest, snapshot: await tx.snapshot.findUnique({ where }) };
  });
  if (version > 0n && !snapshot) await runtime.queues.enqueueForTenant('refresh-snapshots', tenantId);
  if (!snapshot) return null;
  return { version: Number(snapshot.version), contentHash: snapshot.contentHash, envelope: toSnapshotEnvelope(snapshot) };
}

/** The newest manifest of the agent's own site, for an agent that fetches parts. */
export async function getDesiredManifest({
  ctx,
  input = {},
}: GetDesired): Promise<{ version: number; manifest: SignedEnvelope } | null> {
  authorize(ctx, 'config.read');
  const { newerThan } = parseInput(GetDesiredConfig, input);
  const { siteId } = requireAgent(ctx);
  const newest = await read(ctx, (tx) =>
    tx.manifest.findFirst({
      where: { tenantId: ctx.tenantId, siteId, version: { gt: BigInt(newerThan) } },
      orderBy: { version: 'desc' },
    }),
  );
  return newest && { version: Number(newest.version), manifest: toManifestEnvelope(newest) };
}
