import { z } from 'zod';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { type PersonName, personNames } from '../person-names.ts';
import { mayDecide, type Permitted } from './decider.ts';
import { newestReviewIds } from './find-review.ts';
import { itemName, previousItems } from './item-views.ts';
import { changeOf, previousDecisions } from './previous-decisions.ts';

export const ListReviews = z.strictObject({
  state: z.enum(['open', 'decided', 'expired', 'superseded']).default('open'),
  limit: z.int().min(1).max(200).default(100),
});
export type ListReviews = z.input<typeof ListReviews>;

export interface ReviewListRow {
  id: string;
  server: { id: string; slug: string; name: string };
  revision: number;
  state: 'open' | 'decided' | 'superseded' | 'expired';
  toolCount: number;
  newTools: number;
  changedTools: number;
  /** new or changed ones among them that are destructive, declared, assumed or set */
  destructiveTools: number;
  approvedTools: number;
  /** prompts, resources and resource templates */
  itemCount: number;
  /** new or changed ones among them */
  touchedItems: number;
  approvedItems: number;
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
        decisions: { select: { toolName: true, pin: true, verdict: true, risk: true } },
        itemDecisions: { select: { kind: true, name: true, pin: true, verdict: true } },
      },
    });
    const names = await personNames(
      tx,
      tenantId,
      reviews.map(({ requestedBy }) => requestedBy),
    );
    const newest = await newestReviewIds(tx, tenantId, [...new Set(reviews.map(({ serverId }) => serverId))]);
    const rows: ReviewListRow[] = [];
    for (const review of reviews) {
      const previous = await previousDecisions(tx, review);
      const previousItem = await previousItems(tx, review);
      const touched = review.decisions
        .map((decision) => ({ ...decision, change: changeOf(decision, previous.get(decision.toolName)) }))
        .filter(({ change }) => change !== 'unchanged');
      rows.push({
        id: review.id,
        server: review.server,
        revision: review.revision.number,
        state: review.state,
        toolCount: review.decisions.length,
        newTools: touched.filter(({ change }) => change === 'new').length,
        changedTools: touched.filter(({ change }) => change === 'changed').length,
        destructiveTools: touched.filter(({ risk }) => risk === 'destructive').length,
        approvedTools: review.decisions.filter(({ verdict }) => verdict === 'approved').length,
        itemCount: review.itemDecisions.length,
        touchedItems: review.itemDecisions.filter((item) => changeOf(item, previousItem.get(itemName(item))) !== 'unchanged')
          .length,
        approvedItems: review.itemDecisions.filter(({ verdict }) => verdict === 'approved').length,
        requestedBy: names.of(review.requestedBy),
        createdAt: review.createdAt,
        decidedAt: review.decidedAt,
        validUntil: review.validUntil,
        canDecide: mayDecide(ctx.actor, review, { newestDecided: newest.has(review.id) }),
      });
    }
    return rows;
  });
}
