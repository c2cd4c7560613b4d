import { z } from 'zod';

import type { TenantTx } from '@gatehouse/db/tenant';

import { getPersonNames, type PersonName } from '../../person-names.ts';
import { MOST_COMMENTS } from './add-comment.ts';

const DECISIONS = ['review.decide', 'review.confirm', 'review.consent', 'review.take_back', 'review.expire'] as const;
const SETTLEMENTS = ['review.settle_finding'] as const;
const ACTIONS = [...DECISIONS, ...SETTLEMENTS] as const;
export type ReviewAction = (typeof ACTIONS)[number];

/** What was said and done in a review. */
export type TimelineEvent =
  | { kind: 'comment'; id: string; at: Date; by: PersonName; text: string }
  | {
      kind: 'act';
      id: string;
      at: Date;
      action: ReviewAction;
      /** null: nobody, it lapsed */
      by: PersonName | null;
      reason: string | null;
      breakGlass: boolean;
      /** of a decision: it waited for a second person, or still does */
      takesTwo: boolean;
      /** of a decision: whose consent it waited for; null: nobody's */
      asksOwner: string | null;
      /** of a consent: an owner of the workspace went on without the owner of the server */
      withoutOwner: boolean;
      /** of a finding that was settled or opened again: in which entry, and what was said of it; null: of another act */
      finding: { name: string; state: z.infer<typeof FindingSaid>['state'] } | null;
    };

const Said = z.object({
  reason: z.string().nullable().catch(null),
  breakGlass: z.boolean().catch(false),
  takesTwo: z.boolean().catch(false),
  asksOwner: z.string().nullable().catch(null),
  withoutOwner: z.boolean().catch(false),
});

const FindingSaid = z.object({ name: z.string(), state: z.enum(['open', 'acknowledged', 'not_a_problem']) });

/** Comments, decisions and settled findings of a review, the oldest first: at most the newest 500 of each. */
export async function listTimeline(
  tx: TenantTx,
  { tenantId, id: reviewId }: { tenantId: string; id: string },
): Promise<TimelineEvent[]> {
  const comments = await tx.reviewComment.findMany({
    where: { tenantId, reviewId },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: MOST_COMMENTS,
  });
  const readActs = (actions: readonly ReviewAction[]) =>
    tx.adminAudit.findMany({
      where: { tenantId, entityId: reviewId, entityType: 'review', action: { in: [...actions] } },
      orderBy: [{ at: 'desc' }, { id: 'desc' }],
      take: MOST_COMMENTS,
    });
  // however many findings are settled, they take the place of no decision
  const acts = [...(await readActs(DECISIONS)), ...(await readActs(SETTLEMENTS))];
  const names = await getPersonNames(tx, tenantId, [
    ...comments.map(({ createdBy }) => createdBy),
    ...acts.map(({ actorId, actorKind }) => (actorKind === 'person' ? actorId : null)),
  ]);
  const events: TimelineEvent[] = [
    ...comments.map(({ id, createdAt, createdBy, text }) => {
      return { kind: 'comment' as const, id, at: createdAt, by: names.get(createdBy), text };
    }),
    ...acts.flatMap(({ id, at, action, actorId, actorKind, after }) => {
      const known = ACTIONS.find((each) => each === action);
      const said = Said.parse(after ?? {});
      const by = actorKind === 'person' ? names.get(actorId) : null;
      const finding = known === 'review.settle_finding' ? (FindingSaid.safeParse(after).data ?? null) : null;
      return known ? [{ kind: 'act' as const, id, at, action: known, by, ...said, finding }] : [];
    }),
  ];
  return events.toSorted((a, b) => a.at.getTime() - b.at.getTime());
}
