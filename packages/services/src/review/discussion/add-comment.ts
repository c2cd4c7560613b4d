import { z } from 'zod';

import { mutate } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import { getActorId, type ServiceContext } from '../../context.ts';
import { createNotFoundError, parseInput, ServiceError } from '../../errors.ts';
import { loadAskedAbout, mayComment, maySeeReview } from '../consent/asked.ts';

export const AddComment = z.strictObject({ reviewId: z.uuid(), text: z.string().trim().min(1).max(4_000) });
export type AddComment = z.input<typeof AddComment>;

/** What one review holds, so that its page stays one. */
export const MOST_COMMENTS = 500;

/**
 * Says something in the discussion of a review, in whatever state it is, also as the owner of the server who is asked about it, whatever the role. It stays
 * as it was said, and the log names who spoke, not what. Throws `not_permitted`, `not_found`, and `precondition` when the discussion is full.
 */
export async function addComment({ ctx, input }: { ctx: ServiceContext; input: AddComment }): Promise<{ id: string }> {
  authorize(ctx, 'profile.use');
  const { reviewId, text } = parseInput(AddComment, input);
  const { tenantId, actor, runtime } = ctx;
  return mutate(ctx, async ({ tx, audit, signal }) => {
    const review = await tx.review.findUnique({ where: { tenantId_id: { tenantId, id: reviewId } }, select: { serverId: true } });
    if (!review) throw createNotFoundError('review');
    const asked = await loadAskedAbout(tx, tenantId, review.serverId);
    // who may not see reviews learns of none by speaking in it
    if (!maySeeReview(actor, { asked })) throw createNotFoundError('review');
    if (!mayComment(actor, { asked })) authorize(ctx, 'review.comment');
    if ((await tx.reviewComment.count({ where: { tenantId, reviewId } })) >= MOST_COMMENTS) {
      throw new ServiceError('precondition', `This discussion holds ${MOST_COMMENTS} comments, which is all that it can.`);
    }
    const { id } = await tx.reviewComment.create({
      data: { tenantId, reviewId, text, createdBy: getActorId(actor), createdAt: runtime.now() },
      select: { id: true },
    });
    await audit({
      action: 'review.comment',
      entityType: 'review',
      entityId: reviewId,
      after: { serverId: review.serverId, comment: id },
    });
    signal('review', reviewId);
    return { id };
  });
}
