import { z } from 'zod';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { type PersonName, getPersonNames } from '../person-names.ts';
import { mayDecide, type Permitted } from './decider.ts';
import { countByReview, type ReviewCounts } from './previous-decisions.ts';
import { listNewestReviewIds } from './require-review.ts';

export const ListReviews = z.strictObject({
  state: z.enum(['open', 'decided', 'expired', 'superseded']).default('open'),
  limit: z.int().min(1).max(200).default(100),
});
export type ListReviews = z.input<typeof ListReviews>;

export interface ReviewListRow extends ReviewCounts {
  id: string;
  server: { id: string; slug: string; name: string };
  revision: number;
  state: 'open' | 'decided' | 'superseded' | 'expired';
  requestedBy: PersonName;
  createdAt: Date;
  decidedAt: Date | null;
  validUntil: Date | null;
  canDecide: Permitted;
}

/** Reviews in one state, newest first. */
export async function listReviews({ ctx, input }: { ctx: ServiceContext; input: ListReviews }): Promise<ReviewListRow[]> {
  authorize(ctx, 'review.read');
  const { state, limit } = parseInput(ListReviews, input);
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    const reviews = await tx.review.findMany({
      where: { tenantId, state },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit,
      include: {
        server: { select: { id: true, slug: true, name: true } },
        revision: { select: { number: true } },
      },
    });
    const names = await getPersonNames(
      tx,
      tenantId,
      reviews.map(({ requestedBy }) => requestedBy),
    );
    const newest = await listNewestReviewIds(tx, tenantId, [...new Set(reviews.map(({ serverId }) => serverId))]);
    const countsOf = await countByReview(
      tx,
      tenantId,
      reviews.map(({ id }) => id),
    );
    return reviews.map((review) => ({
      id: review.id,
      server: review.server,
      revision: review.revision.number,
      state: review.state,
      ...countsOf(review.id),
      requestedBy: names.get(review.requestedBy),
      createdAt: review.createdAt,
      decidedAt: review.decidedAt,
      validUntil: review.validUntil,
      canDecide: mayDecide(ctx.actor, review, { newestDecided: newest.has(review.id) }),
    }));
  });
}
