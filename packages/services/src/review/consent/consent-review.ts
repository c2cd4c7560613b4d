import { z } from 'zod';

import { mutate } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { createNotFoundError, parseInput, ServiceError } from '../../errors.ts';
import { mayConsent } from '../../owner/asked.ts';
import { isDecidable } from '../decider.ts';
import { loadReviewFacts, lockReview } from '../require-review.ts';
import type { WrittenSites } from '../take-effect.ts';
import { maySeeReview } from './asked.ts';
import { completeProposal } from './complete-proposal.ts';
import { keepConsent } from './keep-consent.ts';

export const ConsentReview = z.strictObject({
  reviewId: z.uuid(),
  /** why it goes on without the owner of the server: due from who owns the workspace and not the server */
  reason: z.string().trim().min(1).max(1_000).optional(),
});
export type ConsentReview = z.input<typeof ConsentReview>;

export interface ConsentedReview {
  id: string;
  /** what was decided took effect by it; false: it still waits for a decision, or for a second person */
  isInEffect: boolean;
  sites: WrittenSites;
}

/**
 * The owner of a server agrees to what a review is about, before or after somebody approves it; what waited for that alone takes effect. It is none of the two
 * people that an approval may take. Who owns the workspace can go on without, with a reason. Throws `not_permitted`, `conflict` when it is agreed to or over, and
 * `not_found`.
 */
export async function consentReview({ ctx, input }: { ctx: ServiceContext; input: ConsentReview }): Promise<ConsentedReview> {
  authorize(ctx, 'profile.use');
  const { reviewId, reason = null } = parseInput(ConsentReview, input);
  const { tenantId, actor } = ctx;
  return mutate(ctx, async (mutation) => {
    const { tx, audit, signal } = mutation;
    const review = await lockReview(tx, tenantId, reviewId);
    const facts = await loadReviewFacts(tx, review);
    // who may not see reviews learns of none by asking
    if (!maySeeReview(actor, facts)) throw createNotFoundError('review');
    const decidable = isDecidable(facts);
    if (!decidable.ok) throw new ServiceError('conflict', decidable.reason);
    const permitted = mayConsent(actor, facts);
    if (!permitted.ok) throw new ServiceError(facts.hasConsent ? 'conflict' : 'not_permitted', permitted.reason);
    if (permitted.takesReason && reason === null) {
      throw new ServiceError('invalid', 'Say why this goes on without the owner of the server.', { field: 'reason' });
    }
    const { serverId, revision } = review;
    await audit({
      action: 'review.consent',
      entityType: 'review',
      entityId: reviewId,
      after: {
        serverId,
        revision: revision.number,
        ...(permitted.takesReason && { withoutOwner: true, reason }),
      },
    });
    await keepConsent(tx, ctx, review);
    const sites =
      review.proposedBy !== null && review.isSeconded ? await completeProposal(mutation, ctx, review, 'review.consent') : null;
    signal('review', reviewId);
    return { id: reviewId, isInEffect: sites !== null, sites: sites ?? [] };
  });
}
