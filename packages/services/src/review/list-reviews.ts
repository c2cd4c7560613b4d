import { z } from 'zod';

import type { TenantTx } from '@gatehouse/db/tenant';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { Actor, ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import type { Permitted } from '../permitted.ts';
import { type PersonName, getPersonNames } from '../person-names.ts';
import { mayApprove, mayConfirm, mayDecide, type ReviewFacts } from './decider.ts';
import { countByReview, type ReviewCounts } from './previous-decisions.ts';
import { loadFactsOf } from './require-review.ts';

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
  /** null: an agent saw that the server had changed */
  requestedBy: PersonName | null;
  createdAt: Date;
  decidedAt: Date | null;
  /** whose decision stands, and the second person where it took two */
  decidedBy: PersonName | null;
  confirmedBy: PersonName | null;
  validUntil: Date | null;
  /** whose decision waits for a second person, and whether an owner has put it in effect alone meanwhile */
  waiting: { by: PersonName; isInEffect: boolean } | null;
  /** to decide it or, where it waits, to confirm it */
  canDecide: Permitted;
}

/** Reviews in one state, newest first. */
export async function listReviews({ ctx, input }: { ctx: ServiceContext; input: ListReviews }): Promise<ReviewListRow[]> {
  authorize(ctx, 'review.read');
  const { state, limit } = parseInput(ListReviews, input);
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    const reviews = await tx.review.findMany({
      // what waits for a second person is open, whatever of it stands already
      where: {
        tenantId,
        ...(state === 'open'
          ? { OR: [{ state }, { state: 'decided', proposedBy: { not: null } }], server: { archivedAt: null } }
          : { state }),
      },
      omit: { proposal: true, beforeDecision: true },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit,
      include: {
        server: { select: { id: true, slug: true, name: true } },
        revision: { select: { number: true } },
      },
    });
    const deciders = await getDeciders(tx, tenantId, reviews);
    const names = await getPersonNames(
      tx,
      tenantId,
      reviews.flatMap(({ id, requestedBy, proposedBy, confirmedBy }) => [
        requestedBy,
        proposedBy,
        confirmedBy,
        deciders.get(id) ?? null,
      ]),
    );
    const nameOf = (membershipId: string | null | undefined) => (membershipId ? names.get(membershipId) : null);
    const factsOf = await loadFactsOf(tx, tenantId, [...new Set(reviews.map(({ serverId }) => serverId))]);
    const ids = reviews.map(({ id }) => id);
    const countsOf = await countByReview(tx, tenantId, ids);
    return reviews.flatMap((review) => {
      const facts = factsOf(review);
      // what waits beside a decision is nobody's to confirm once there is a newer review
      if (state === 'open' && review.state === 'decided' && !facts.isCurrent) return [];
      const { proposedBy } = review;
      return {
        id: review.id,
        server: review.server,
        revision: review.revision.number,
        state: review.state,
        ...countsOf(review.id),
        requestedBy: nameOf(review.requestedBy),
        createdAt: review.createdAt,
        decidedAt: review.decidedAt,
        decidedBy: nameOf(deciders.get(review.id)),
        confirmedBy: nameOf(review.confirmedBy),
        validUntil: review.validUntil,
        waiting: proposedBy === null ? null : { by: names.get(proposedBy), isInEffect: facts.isGlassBroken },
        canDecide: findPermission(ctx.actor, facts),
      };
    });
  });
}

/** By review id, whose act the decision is that stands. */
async function getDeciders(
  tx: TenantTx,
  tenantId: string,
  reviews: readonly { id: string; auditId: string | null }[],
): Promise<ReadonlyMap<string, string>> {
  const ids = reviews.flatMap(({ auditId }) => auditId ?? []);
  const acts = await tx.adminAudit.findMany({ where: { tenantId, id: { in: ids } }, select: { actorId: true, entityId: true } });
  return new Map(acts.map(({ actorId, entityId }) => [entityId, actorId]));
}

function findPermission(actor: Actor, facts: ReviewFacts): Permitted {
  const decidable = mayDecide(actor, facts);
  if (!decidable.ok) return decidable;
  return facts.proposedBy === null ? mayApprove(actor, facts) : mayConfirm(actor, facts);
}
