import { z } from 'zod';

import { createActId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { DAY_MS } from '../durations.ts';
import { parseInput, ServiceError } from '../errors.ts';
import { keepBefore } from './before-decision.ts';
import { mayConfirm } from './decider.ts';
import { Proposal, storeProposal } from './proposal.ts';
import { loadReviewFacts, lockReview } from './require-review.ts';
import { takeEffect, type WrittenSites } from './take-effect.ts';

export const ConfirmReview = z.strictObject({
  reviewId: z.uuid(),
  /** `waiting.proposedAt` of the decision that was looked at: another one by now is refused */
  proposedAt: z.date(),
});
export type ConfirmReview = z.input<typeof ConfirmReview>;

export interface ConfirmedReview {
  id: string;
  /** names this confirmation to whoever takes it back */
  decisionId: string;
  validUntil: Date;
  sites: WrittenSites;
}

/**
 * The second person behind a decision that takes two: with it the decision takes effect, or one that an owner made by break-glass holds
 * for as long as it was meant to. Throws `not_permitted` for an author and for whoever decided, `conflict` when it is not what was seen.
 */
export async function confirmReview({ ctx, input }: { ctx: ServiceContext; input: ConfirmReview }): Promise<ConfirmedReview> {
  authorize(ctx, 'review.decide');
  const { reviewId, proposedAt } = parseInput(ConfirmReview, input);
  const { tenantId } = ctx;

  return mutate(ctx, async (mutation) => {
    const { tx, audit, signal } = mutation;
    const review = await lockReview(tx, tenantId, reviewId);
    const { serverId } = review;
    const { proposedBy } = review;
    const permitted = mayConfirm(ctx.actor, await loadReviewFacts(tx, review));
    if (proposedBy === null || review.proposedAt?.getTime() !== proposedAt.getTime()) {
      throw new ServiceError('conflict', 'This is not the decision that you looked at any more. Reload the page.');
    }
    if (!permitted.ok) throw new ServiceError('not_permitted', permitted.reason);

    const { decisions, validDays, auditId } = Proposal.parse(review.proposal);
    const now = ctx.runtime.now();
    const validUntil = new Date(now.getTime() + validDays * DAY_MS);
    const confirmAuditId = createActId();
    await audit({
      id: confirmAuditId,
      action: 'review.confirm',
      entityType: 'review',
      entityId: reviewId,
      after: { serverId, revision: review.revision.number, decision: auditId, validUntil: validUntil.toISOString() },
    });
    await keepBefore(tx, review, { decisionId: confirmAuditId, by: getActorId(ctx.actor), at: now });
    await storeProposal(tx, review, null);
    const decision = {
      choices: decisions,
      decidedBy: proposedBy,
      decidedAt: now,
      validUntil,
      auditId,
      breakGlassReason: review.breakGlassReason,
      confirmation: { by: getActorId(ctx.actor), at: now, auditId: confirmAuditId },
    };
    const sites = await takeEffect(mutation, ctx, review, decision, 'review.confirm');
    signal('review', reviewId);
    return { id: reviewId, decisionId: confirmAuditId, validUntil, sites };
  });
}
