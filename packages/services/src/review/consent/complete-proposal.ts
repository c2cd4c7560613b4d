import type { Mutation } from '../../audit/mutate.ts';
import type { ServiceContext } from '../../context.ts';
import { DAY_MS } from '../../durations.ts';
import type { WriteReason } from '../../snapshot/write-configuration.ts';
import { Proposal, storeProposal } from '../proposal.ts';
import type { LoadedReview } from '../require-review.ts';
import { takeEffect, type WrittenSites } from '../take-effect.ts';

/** Until when what waits is approved, once nothing is missing any more. */
export function getProposedEnd({ proposal }: Pick<LoadedReview, 'proposal'>, now: Date): Date {
  return new Date(now.getTime() + Proposal.parse(proposal).validDays * DAY_MS);
}

/** What waits takes effect: nobody is missing any more. `confirmation`: the second person, who may have come before the owner. */
export async function completeProposal(
  mutation: Mutation,
  ctx: ServiceContext,
  review: LoadedReview,
  reason: WriteReason,
): Promise<WrittenSites> {
  const { proposedBy, breakGlassReason } = review;
  if (proposedBy === null) throw new Error('Nothing waits');
  const { decisions, auditId, confirmation = null } = Proposal.parse(review.proposal);
  const now = ctx.runtime.now();
  const decision = {
    choices: decisions,
    decidedBy: proposedBy,
    decidedAt: now,
    validUntil: getProposedEnd(review, now),
    auditId,
    breakGlassReason,
    confirmation: confirmation && { ...confirmation, at: new Date(confirmation.at) },
  };
  await storeProposal(mutation.tx, review, null);
  return takeEffect(mutation, ctx, review, decision, reason);
}
