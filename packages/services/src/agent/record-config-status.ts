import { isDeepStrictEqual } from 'node:util';

import type { z } from 'zod';

import { type Agent, Prisma } from '@gatehouse/db/client';
import type { SignedEnvelope } from '@gatehouse/protocol/envelope';
import { ConfigStatus } from '@gatehouse/protocol/messages';

import { mutate, type Mutation } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { requireAgent, type ServiceContext } from '../context.ts';
import { parseReport, ServiceError } from '../errors.ts';
import { listPublicKeys } from '../keyset/read-keyset.ts';
import { createServerTextRedactor } from '../redact-text.ts';
import { openHandedManifest } from '../snapshot/open-handed-manifest.ts';

export const RecordConfigStatus = ConfigStatus.omit({ type: true, nonce: true });
export type RecordConfigStatus = z.input<typeof RecordConfigStatus>;

/**
 * Keeps which version the agent serves, what it leaves out of it and which one it refused, with its own words. A version or hash that its site
 * never had is refused with the reason `foreign_id`, and nothing changes but the note that the agent is ahead, where it proves that.
 */
export async function recordConfigStatus({ ctx, input }: { ctx: ServiceContext; input: RecordConfigStatus }): Promise<void> {
  authorize(ctx, 'config.report');
  const reported = parseReport(RecordConfigStatus, input);
  const { agentId, siteId } = requireAgent(ctx);
  const { tenantId } = ctx;
  const isKnown = await mutate(
    ctx,
    async (m) => {
      const agent = await m.tx.agent.findUniqueOrThrow({ where: { tenantId_id: { tenantId, id: agentId } } });
      const status = await redactReasons(m, { tenantId, siteId }, reported);
      const isKnownThere = await isOfSite(m, { tenantId, siteId }, status);
      if (!isKnownThere || status.manifest) await noteAhead(m, agent, status, isKnownThere);
      if (!isKnownThere) return false;
      const changes = {
        ...computeAcknowledgement(agent, status, ctx.runtime.now()),
        ...computeRefusal(agent, status, ctx.runtime.now()),
        ...computeWithheld(agent, status),
      };
      if (Object.keys(changes).length === 0) return true;
      await m.tx.agent.update({ where: { tenantId_id: { tenantId, id: agentId } }, data: changes });
      m.signal('agent', agentId);
      return true;
    },
    { audited: false },
  );
  if (!isKnown)
    throw new ServiceError('invalid', 'This site never had a configuration with this version and hash.', {
      reason: 'foreign_id',
    });
}

type Status = z.infer<typeof RecordConfigStatus>;

/** The agent's own words without what they may give away, the hosts of the site's servers aside. */
async function redactReasons({ tx }: Mutation, site: { tenantId: string; siteId: string }, status: Status): Promise<Status> {
  const { error, withheld } = status;
  if (!error && !withheld?.length) return status;
  const servers = await tx.serverSite.findMany({ where: site, select: { server: { select: { transport: true } } } });
  const redact = createServerTextRedactor(...servers.map(({ server }) => server.transport));
  const clean = <T extends { message: string }>(told: T): T => ({ ...told, message: redact(told.message).slice(0, 1_000) });
  return { ...status, error: error && clean(error), ...(withheld && { withheld: withheld.map(clean) }) };
}

async function isOfSite({ tx }: Mutation, site: { tenantId: string; siteId: string }, status: Status): Promise<boolean> {
  const named = [status.appliedVersion, status.rejectedVersion ?? 0].filter((version) => version > 0);
  const query = { where: { ...site, version: { in: named.map(BigInt) } }, select: { version: true, contentHash: true } };
  const known = [...(await tx.manifest.findMany(query)), ...(await tx.snapshot.findMany(query))];
  const hashes = Map.groupBy(known, ({ version }) => Number(version));
  const oldest = await findOldestVersion(tx, site);
  const isForeign = named.some((version) => {
    const had = hashes.get(version);
    if (!had) return version >= oldest;
    return version === status.appliedVersion && had.every(({ contentHash }) => contentHash !== status.appliedHash);
  });
  return !isForeign;
}

/**
 * The worker signs for the site under a version above that, once it has checked the proof itself: agents take no older one, and none of the same version, which
 * a restored database may have reached with something else in it.
 */
async function noteAhead({ tx }: Mutation, agent: Agent, status: Status, isKnownThere: boolean): Promise<void> {
  const { tenantId, siteId } = agent;
  const { snapshotVersion } = await tx.site.findUniqueOrThrow({
    where: { tenantId_id: { tenantId, id: siteId } },
    select: { snapshotVersion: true },
  });
  const { appliedVersion, rejectedVersion, manifest } = status;
  const proven = manifest && openHandedManifest(manifest, { tenantId, siteId, keys: await listPublicKeys(tx, tenantId) });
  // the word alone counts only from an agent that cannot prove it, and of what its site never had
  const isWord = !isKnownThere && !agent.features.includes('manifest-back');
  const ahead = BigInt(proven?.version ?? (isWord ? Math.max(appliedVersion, rejectedVersion ?? 0) : 0));
  if (ahead < snapshotVersion) return;
  if (ahead === snapshotVersion && (proven ? await isStored(tx, agent, manifest, ahead) : !isWord)) return;
  const data = { aheadVersion: ahead, aheadManifest: proven ? manifest : Prisma.DbNull };
  await tx.agent.update({ where: { tenantId_id: { tenantId, id: agent.id } }, data });
}

/** Whether the site's own manifest of this version is the one that was handed back. */
async function isStored(
  tx: Mutation['tx'],
  { tenantId, siteId }: Agent,
  { payload }: SignedEnvelope,
  version: bigint,
): Promise<boolean> {
  const own = await tx.manifest.findUnique({
    where: { tenantId_siteId_version: { tenantId, siteId, version } },
    select: { payload: true },
  });
  return own !== null && Buffer.from(payload, 'base64').equals(own.payload);
}

/** Of the versions that are kept: what an agent says of an older one, which it had while it was away, is not known any more. */
async function findOldestVersion(tx: Mutation['tx'], where: { tenantId: string; siteId: string }): Promise<number> {
  const query = { where, orderBy: { version: 'asc' }, select: { version: true } } as const;
  const kept = [await tx.manifest.findFirst(query), await tx.snapshot.findFirst(query)];
  const versions = kept.flatMap((row) => (row ? Number(row.version) : []));
  return versions.length > 0 ? Math.min(...versions) : 0;
}

interface KnownStatus {
  ackedVersion: bigint;
  rejectedVersion: bigint | null;
  rejectedCode: string | null;
}

function computeAcknowledgement(agent: KnownStatus, { appliedVersion, appliedHash }: Status, now: Date) {
  if (BigInt(appliedVersion) === agent.ackedVersion) return {};
  return { ackedVersion: BigInt(appliedVersion), ackedHash: appliedHash, ackedAt: now };
}

/** An agent that does not say leaves nothing out. */
function computeWithheld(agent: { withheld: unknown }, { withheld = [] }: Status) {
  return isDeepStrictEqual(agent.withheld, withheld) ? {} : { withheld };
}

/** A refusal stays shown until the agent applies that version or a later one. */
function computeRefusal(agent: KnownStatus, { status, appliedVersion, rejectedVersion, error }: Status, now: Date) {
  if (status === 'rejected' && rejectedVersion !== null) {
    const code = error?.code ?? 'internal';
    if (agent.rejectedVersion === BigInt(rejectedVersion) && agent.rejectedCode === code) return {};
    return {
      rejectedVersion: BigInt(rejectedVersion),
      rejectedCode: code,
      rejectedReason: error?.message ?? null,
      rejectedAt: now,
    };
  }
  if (agent.rejectedVersion === null || agent.rejectedVersion > BigInt(appliedVersion)) return {};
  return { rejectedVersion: null, rejectedCode: null, rejectedReason: null, rejectedAt: null };
}
