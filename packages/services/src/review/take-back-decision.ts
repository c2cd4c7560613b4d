import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { type Actor, getActorId, type ServiceContext } from '../context.ts';
import { parseInput, ServiceError } from '../errors.ts';
import { listServerSiteIds } from '../server/sites.ts';
import { writeConfigurations } from '../snapshot/write-configuration.ts';
import { type BeforeDecision, findBefore } from './before-decision.ts';
import { mayDecide, type ReviewFacts } from './decider.ts';
import { storeProposal } from './proposal.ts';
import { type LoadedReview, loadReviewFacts, lockReview } from './require-review.ts';
import type { WrittenSites } from './take-effect.ts';

export const TakeBackDecision = z.strictObject({
  reviewId: z.uuid(),
  /** `decisionId` of `decideReview` or `confirmReview`, or of `takeBack` of the review */
  decisionId: z.uuid(),
});
export type TakeBackDecision = z.input<typeof TakeBackDecision>;

export interface TakenBack {
  id: string;
  /** `open`: nobody has decided it any more; `decided`: what stood before stands again */
  state: 'open' | 'decided';
  /** it waits for a second person again */
  waits: boolean;
  sites: WrittenSites;
}

/**
 * Puts back what a decision, or the confirmation of one, took the place of, at the agents too: by whoever made it, within an hour, as long as nothing was
 * decided since on anything of the server. What was confirmed waits for a second person again. Throws `not_permitted` for somebody else and `conflict` for the rest.
 */
export async function takeBackDecision({ ctx, input }: { ctx: ServiceContext; input: TakeBackDecision }): Promise<TakenBack> {
  authorize(ctx, 'review.decide');
  const { reviewId, decisionId } = parseInput(TakeBackDecision, input);
  const { tenantId } = ctx;

  return mutate(ctx, async (mutation) => {
    const { tx, audit, signal } = mutation;
    const review = await lockReview(tx, tenantId, reviewId);
    const { serverId } = review;
    const found = findBefore(review);
    if (found?.before.decisionId !== decisionId) throw createTooLateError('Something was decided on this review since');
    const refusal = await findRefusal(tx, ctx, review, found);
    if (refusal) throw refusal;

    const { before } = found;
    const wasInEffect = [review.auditId, review.confirmAuditId].includes(decisionId);
    await audit({
      action: 'review.take_back',
      entityType: 'review',
      entityId: reviewId,
      before: { state: review.state },
      after: { serverId, revision: review.revision.number, decision: decisionId, state: before.review.state },
    });
    await restore(tx, review, before);
    signal('review', reviewId);
    signal('server', serverId);
    const siteIds = wasInEffect ? await listServerSiteIds(tx, tenantId, serverId) : [];
    const sites = await writeConfigurations(mutation, ctx, siteIds, 'review.take_back', { catalogue: true });
    return { id: reviewId, state: before.review.state, waits: before.waited !== null, sites };
  });
}

/** What the page offers to the one who asks: null when there is nothing that this person can take back now. */
export async function findTakeBack(
  tx: TenantTx,
  ctx: ServiceContext,
  review: LoadedReview,
  facts: ReviewFacts,
): Promise<{ decisionId: string; until: Date; isConfirmation: boolean } | null> {
  const found = findBefore(review);
  if (!found || !mayTakeBack(ctx.actor, facts, found.before)) return null;
  if (await findRefusal(tx, ctx, review, found, facts)) return null;
  const { decisionId } = found.before;
  return { decisionId, until: found.until, isConfirmation: review.confirmAuditId === decisionId };
}

function mayTakeBack(actor: Actor, facts: ReviewFacts, { by }: BeforeDecision): boolean {
  return by === getActorId(actor) && mayDecide(actor, facts).ok;
}

async function findRefusal(
  tx: TenantTx,
  ctx: ServiceContext,
  review: LoadedReview,
  { before, until }: { before: BeforeDecision; until: Date },
  known?: ReviewFacts,
): Promise<ServiceError | null> {
  const facts = known ?? (await loadReviewFacts(tx, review));
  const permitted = mayDecide(ctx.actor, facts);
  if (!permitted.ok) return new ServiceError('conflict', permitted.reason);
  if (before.by !== getActorId(ctx.actor))
    return new ServiceError('not_permitted', 'Only whoever did it last takes it back. You can decide it again.');
  if (ctx.runtime.now() > until) return createTooLateError('It was decided more than an hour ago');
  if (await wasDecidedSince(tx, review, before.at)) return createTooLateError('Something was decided on this server since');
  return null;
}

function createTooLateError(why: string): ServiceError {
  return new ServiceError('conflict', `${why}, so this cannot be taken back any more. Decide it again.`);
}

/** Another review of the server was decided, put to a second person or confirmed. */
async function wasDecidedSince(tx: TenantTx, { tenantId, id, serverId }: LoadedReview, at: Date): Promise<boolean> {
  const since = { gte: at };
  const later = await tx.review.findFirst({
    where: {
      tenantId,
      serverId,
      id: { not: id },
      OR: [{ decidedAt: since }, { proposedAt: since }, { confirmedAt: since }],
    },
    select: { id: true },
  });
  return later !== null;
}

async function restore(tx: TenantTx, review: LoadedReview, before: BeforeDecision): Promise<void> {
  const { tenantId, id: reviewId, serverId } = review;
  await tx.entryDecision.deleteMany({ where: { tenantId, reviewId } });
  await tx.entryDecision.createMany({ data: before.decisions.map((row) => ({ ...row, tenantId, reviewId, serverId })) });
  await tx.review.update({
    where: { tenantId_id: { tenantId, id: reviewId } },
    data: { ...before.review, beforeDecision: Prisma.DbNull },
  });
  await storeProposal(tx, review, before.waited);
}
