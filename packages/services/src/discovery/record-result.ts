import type { z } from 'zod';

import type { Discovery } from '@gatehouse/db/client';
import { DiscoveryResult } from '@gatehouse/protocol/messages';

import { toLoggedCounts } from '../audit/logged-counts.ts';
import { type Mutation, mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { createNotFoundError, parseExact } from '../errors.ts';
import { createServerTextRedactor } from '../redact-text.ts';
import { lockServer } from '../server/require-server.ts';
import { askForSnapshots } from './ask-for-snapshots.ts';
import { findOverdueProblem } from './discovery-view.ts';
import { keepLook } from './keep-look.ts';
import { isFinished, lockOwnDiscovery } from './lock-discovery.ts';
import { openRevision, type OpenedRevision } from './open-revision.ts';
import { countRefused, sortEntries } from './sort-entries.ts';

export const RecordResult = DiscoveryResult.omit({ type: true });
export type RecordResult = z.input<typeof RecordResult>;

type Outcome = z.output<typeof RecordResult>['outcome'];
type Succeeded = Extract<Outcome, { status: 'succeeded' }>;
type Failed = Extract<Outcome, { status: 'failed' }>;

export interface RecordedResult {
  status: 'succeeded' | 'failed';
  revisionId: string | null;
  /** the review that now waits for a decision, if any */
  openReviewId: string | null;
}

/**
 * Takes in what an agent found at a server. New and changed entries wait for a review and are off; unchanged ones
 * keep the decision that stands on them. Sending it again changes nothing.
 */
export async function recordResult({ ctx, input }: { ctx: ServiceContext; input: RecordResult }): Promise<RecordedResult> {
  authorize(ctx, 'discovery.report');
  const { discoveryId, outcome } = parseExact(RecordResult, input);
  const { tenantId } = ctx;
  // checking is slow, so it is done before the transaction opens
  const report =
    outcome.status === 'succeeded'
      ? { ok: true as const, found: outcome, sorted: await sortEntries(outcome.entries) }
      : { ok: false as const, problem: outcome };

  const { catalogueChanged, ...result } = await mutate(
    ctx,
    async (mutation) => {
      const known = await mutation.tx.discovery.findUnique({ where: { tenantId_id: { tenantId, id: discoveryId } } });
      if (!known) throw createNotFoundError('discovery');
      // the server's lock first, as every other verb takes it
      const { transport } = await lockServer(mutation.tx, tenantId, known.serverId);
      const discovery = await lockOwnDiscovery(mutation.tx, ctx, discoveryId);
      if (isFinished(discovery)) return { ...toFinishedResult(discovery), catalogueChanged: false };
      const overdue = findOverdueProblem(discovery, ctx.runtime.now());
      if (overdue) return recordFailure(mutation, ctx, discovery, { code: overdue.errorCode, message: overdue.errorText });
      const redact = createServerTextRedactor(transport);
      if (!report.ok) {
        const { code, message } = report.problem;
        return recordFailure(mutation, ctx, discovery, { code, message: redact(message) });
      }
      return recordSuccess(mutation, ctx, discovery, { ...report, redact });
    },
    { audited: false },
  );
  if (catalogueChanged) await askForSnapshots(ctx);
  return result;
}

function toFinishedResult({ status, revisionId }: Discovery): RecordedResult {
  return { status: status === 'succeeded' ? 'succeeded' : 'failed', revisionId, openReviewId: null };
}

async function recordFailure(
  { tx, signal }: Mutation,
  ctx: ServiceContext,
  discovery: Discovery,
  problem: Pick<Failed, 'code' | 'message'>,
): Promise<RecordedResult & { catalogueChanged: boolean }> {
  const { tenantId, id } = discovery;
  await tx.discovery.update({
    where: { tenantId_id: { tenantId, id } },
    data: { status: 'failed', errorCode: problem.code, errorText: problem.message, finishedAt: ctx.runtime.now() },
  });
  signal('discovery', id);
  signal('server', discovery.serverId);
  return { status: 'failed', revisionId: null, openReviewId: null, catalogueChanged: false };
}

type Sorted = Awaited<ReturnType<typeof sortEntries>>;

async function recordSuccess(
  mutation: Mutation,
  ctx: ServiceContext,
  discovery: Discovery,
  { found, sorted: { accepted, refused }, redact }: { found: Succeeded; sorted: Sorted; redact: (text: string) => string },
): Promise<RecordedResult & { catalogueChanged: boolean }> {
  const { tx, audit, signal } = mutation;
  const { tenantId, id, serverId, requestedBy } = discovery;
  const now = ctx.runtime.now();
  const watch = await findWatch(mutation, discovery);
  const isForgotten = watch === null && (await forgetObservation(mutation, discovery));
  const opened = await openRevision(mutation, { tenantId, now, serverId, requestedBy, watch, found, entries: accepted });
  await tx.discovery.update({
    where: { tenantId_id: { tenantId, id } },
    data: {
      status: 'succeeded',
      finishedAt: now,
      revisionId: opened.revisionId,
    },
  });
  const { siteId, agentId } = discovery;
  const look = { tenantId, revisionId: opened.revisionId, siteId, agentId, lookedAt: now };
  await keepLook(tx, { ...look, told: found.leftOut, refused, redact });
  await audit({
    action: 'discovery.finish',
    entityType: 'server',
    entityId: serverId,
    after: { discoveryId: id, ...summarizeRevision(opened), ...toLoggedCounts(accepted), refused: countRefused(refused) },
  });
  signal('discovery', id);
  signal('server', serverId);
  if (opened.isNew && opened.openReviewId) signal('review', opened.openReviewId);
  return {
    status: 'succeeded',
    revisionId: opened.revisionId,
    openReviewId: opened.openReviewId,
    catalogueChanged: opened.isChange || isForgotten,
  };
}

/** An agent that says by itself what it sees goes on watching. */
async function findWatch({ tx }: Mutation, { tenantId, siteId, agentId }: Discovery) {
  const agent = await tx.agent.findUnique({ where: { tenantId_id: { tenantId, id: agentId } }, select: { features: true } });
  return agent?.features.includes('observations') ? { siteId, agentId } : null;
}

/** After an agent that does not watch has looked, its site goes by what was asked for. False when it did already. */
async function forgetObservation({ tx }: Mutation, { tenantId, serverId, siteId }: Discovery): Promise<boolean> {
  const { count } = await tx.observation.deleteMany({ where: { tenantId, serverId, siteId } });
  return count > 0;
}

function summarizeRevision({ revisionId, number, isNew, openReviewId }: OpenedRevision) {
  return { revisionId, revision: number, newRevision: isNew, reviewId: openReviewId };
}
