import { isDeepStrictEqual } from 'node:util';

import type { z } from 'zod';

import { ConfigStatus } from '@gatehouse/protocol/messages';

import { mutate, type Mutation } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { requireAgent, type ServiceContext } from '../context.ts';
import { parseReport, ServiceError } from '../errors.ts';

export const RecordConfigStatus = ConfigStatus.omit({ type: true, nonce: true });
export type RecordConfigStatus = z.input<typeof RecordConfigStatus>;

/**
 * Keeps which version the agent serves, what it leaves out of it and which one it refused, with its own words. A version or hash that its site never had is refused
 * with the reason `foreign_id`; of a version above all that the site ever had it is noted that the agent is ahead, and nothing else changes.
 */
export async function recordConfigStatus({ ctx, input }: { ctx: ServiceContext; input: RecordConfigStatus }): Promise<void> {
  authorize(ctx, 'config.report');
  const status = parseReport(RecordConfigStatus, input);
  const { agentId, siteId } = requireAgent(ctx);
  const { tenantId } = ctx;
  const isKnown = await mutate(
    ctx,
    async (m) => {
      if (!(await isOfSite(m, { tenantId, siteId }, status))) {
        await noteAhead(m, { tenantId, siteId, agentId }, status);
        return false;
      }
      const agent = await m.tx.agent.findUniqueOrThrow({ where: { tenantId_id: { tenantId, id: agentId } } });
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

/** The worker signs for the site under a version above that: agents take no older one. */
async function noteAhead(
  { tx }: Mutation,
  { tenantId, siteId, agentId }: { tenantId: string; siteId: string; agentId: string },
  { appliedVersion, rejectedVersion }: Status,
): Promise<void> {
  const ahead = Math.max(appliedVersion, rejectedVersion ?? 0);
  const site = await tx.site.findUniqueOrThrow({
    where: { tenantId_id: { tenantId, id: siteId } },
    select: { snapshotVersion: true },
  });
  if (BigInt(ahead) <= site.snapshotVersion) return;
  await tx.agent.update({ where: { tenantId_id: { tenantId, id: agentId } }, data: { aheadVersion: ahead } });
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
