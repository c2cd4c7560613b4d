import { z } from 'zod';

import { createActId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { parseInput, ServiceError } from '../errors.ts';
import { takesConsent } from '../owner/asked.ts';
import { keepBefore } from './before-decision.ts';
import { completeProposal, getProposedEnd } from './consent/complete-proposal.ts';
import { keepConsent } from './consent/keep-consent.ts';
import { mayConfirm } from './decider.ts';
import { Proposal, storeProposal } from './proposal.ts';
import { loadReviewFacts, lockReview } from './require-review.ts';
import type { WrittenSites } from './take-effect.ts';

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
  /** false: the owner of the server has still to agree */
  isInEffect: boolean;
  sites: WrittenSites;
}

/**
 * The second person behind a decision that takes two: with it the decision takes effect unless the owner of the server has still to agree, or one that an owner made by break-glass holds
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
    const facts = await loadReviewFacts(tx, review);
    const permitted = mayConfirm(ctx.actor, facts);
    if (proposedBy === null || review.proposedAt?.getTime() !== proposedAt.getTime()) {
      throw new ServiceError('conflict', 'This is not the decision that you looked at any more. Reload the page.');
    }
    if (!permitted.ok) throw new ServiceError('not_permitted', permitted.reason);

    const proposal = Proposal.parse(review.proposal);
    const now = ctx.runtime.now();
    const validUntil = getProposedEnd(review, now);
    const confirmAuditId = createActId();
    const by = getActorId(ctx.actor);
    await audit({
      id: confirmAuditId,
      action: 'review.confirm',
      entityType: 'review',
      entityId: reviewId,
      after: { serverId, revision: review.revision.number, decision: proposal.auditId, validUntil: validUntil.toISOString() },
    });
    const confirmed = { ...proposal, confirmation: { by, at: now.toISOString(), auditId: confirmAuditId } };
    const waits = takesConsent(ctx.actor, facts) && !facts.isGlassBroken;
    if (facts.asked?.bearers.has(by)) await keepConsent(tx, ctx, review);
    await keepBefore(tx, review, { decisionId: confirmAuditId, by, at: now });
    signal('review', reviewId);
    const told = { id: reviewId, decisionId: confirmAuditId, validUntil };
    if (waits) {
      await storeProposal(tx, review, { by: proposedBy, at: proposedAt, proposal: confirmed });
      return { ...told, isInEffect: false, sites: [] };
    }
    const sites = await completeProposal(mutation, ctx, { ...review, proposal: confirmed }, 'review.confirm');
    return { ...told, isInEffect: true, sites };
  });
}
