import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { Actor, ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { findPage, type ListPage, orderByIds, type SortKey } from '../list/find-page.ts';
import { buildListInput, buildSearchCondition, buildWhen } from '../list/list-input.ts';
import { mayConsent } from '../owner/asked.ts';
import type { Permitted } from '../permitted.ts';
import { type PersonName, getPersonNames } from '../person-names.ts';
import { mayApprove, mayConfirm, mayDecide, type ReviewFacts } from './decider.ts';
import { countByReview, type ReviewCounts } from './previous-decisions.ts';
import { IS_TO_DECIDE, loadFactsOf } from './require-review.ts';

export const ListReviews = z.strictObject({
  ...buildListInput(['opened', 'decided', 'server', 'valid']),
  state: z.enum(['open', 'decided', 'expired', 'superseded']).default('open'),
  serverId: z.uuid().optional(),
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
  /** whose decision waits for a second person or, where it needs none any more, for the owner of the server; and whether an owner has put it in effect alone meanwhile */
  waiting: { by: PersonName; isInEffect: boolean; isSeconded: boolean } | null;
  /** to decide it or, where it waits, to confirm it or to agree to it */
  canDecide: Permitted;
}

const SORTS = {
  opened: { key: Prisma.sql`v.created_at`, type: 'time', direction: 'desc' },
  decided: { key: Prisma.sql`coalesce(v.decided_at, 'epoch')`, type: 'time', direction: 'desc' },
  server: { key: Prisma.sql`lower(s.name)`, type: 'text', direction: 'asc' },
  valid: { key: Prisma.sql`coalesce(v.valid_until, 'epoch')`, type: 'time', direction: 'asc' },
} as const satisfies Record<string, SortKey>;

/** Reviews in one state, newest first where nothing else is asked for. */
export async function listReviews({ ctx, input }: { ctx: ServiceContext; input: ListReviews }): Promise<ListPage<ReviewListRow>> {
  authorize(ctx, 'review.read');
  const asked = parseInput(ListReviews, input);
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    const { ids, ...page } = await findReviews(tx, tenantId, asked);
    const found = await tx.review.findMany({
      where: { tenantId, id: { in: ids } },
      omit: { proposal: true, beforeDecision: true },
      include: {
        server: { select: { id: true, slug: true, name: true } },
        revision: { select: { number: true } },
      },
    });
    const reviews = orderByIds(ids, found, ({ id }) => id);
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
    const countsOf = await countByReview(
      tx,
      tenantId,
      reviews.map(({ id }) => id),
    );
    const rows = reviews.map((review) => {
      const facts = factsOf(review);
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
        waiting:
          proposedBy === null
            ? null
            : { by: names.get(proposedBy), isInEffect: facts.isGlassBroken, isSeconded: facts.isSeconded },
        canDecide: findPermission(ctx.actor, facts),
      };
    });
    return { rows, ...page };
  });
}

function findReviews(tx: TenantTx, tenantId: string, input: z.output<typeof ListReviews>) {
  const { state, serverId, search } = input;
  return findPage(tx, {
    from: Prisma.sql`review v join server s on s.tenant_id = v.tenant_id and s.id = v.server_id`,
    where: Prisma.sql`v.tenant_id = ${tenantId}::uuid and ${state === 'open' ? IS_TO_DECIDE : Prisma.sql`v.state = ${state}::review_state`}
      ${buildWhen(serverId, (wanted) => Prisma.sql`v.server_id = ${wanted}::uuid`)}
      ${buildSearchCondition([Prisma.sql`s.name`, Prisma.sql`s.slug`], search)}`,
    id: Prisma.sql`v.id`,
    sorts: SORTS,
    input,
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
  if (facts.proposedBy === null) return mayApprove(actor, facts);
  if (!facts.isSeconded) return mayConfirm(actor, facts);
  const { takesReason: _takesReason, ...permitted } = mayConsent(actor, facts);
  return permitted;
}
