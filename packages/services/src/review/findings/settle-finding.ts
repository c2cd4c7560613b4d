import { z } from 'zod';

import type { TenantTx } from '@gatehouse/db/tenant';
import { EntryKind, toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { Sha256 } from '@gatehouse/policy/documents/sha256';

import { mutate } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import { getActorId, type ServiceContext } from '../../context.ts';
import { createNotFoundError, parseInput, ServiceError } from '../../errors.ts';
import { isSaid } from '../check-choices.ts';
import { mayApprove, mayDecide } from '../decider.ts';
import type { EntryChoice } from '../proposal.ts';
import { type LoadedReview, loadReviewFacts, lockReview } from '../require-review.ts';
import { type WeighedEntry, weighEntries } from '../weigh-entries.ts';

const Finding = { reviewId: z.uuid(), kind: EntryKind, name: z.string().min(1).max(2_048), findingId: Sha256 };

export const SettleFinding = z.discriminatedUnion('state', [
  /** asked again before the next approval */
  z.strictObject({ ...Finding, state: z.literal('open') }),
  /** it is there, and somebody has looked at it */
  z.strictObject({ ...Finding, state: z.literal('acknowledged') }),
  z.strictObject({
    ...Finding,
    state: z.literal('not_a_problem'),
    reason: z.string().trim().max(1_000).refine(isSaid, 'Say why'),
  }),
]);
export type SettleFinding = z.input<typeof SettleFinding>;

/**
 * Says of one finding that somebody has looked at it or that it is no problem, or takes that back. It holds for this very text, in every review of the server: what is
 * settled is not asked again, and does not keep its entry out of approvals of many at once. Throws `not_found`, `conflict` where the review is not to be decided any more,
 * and `not_permitted` for whoever may not approve, an author above all.
 */
export async function settleFinding({ ctx, input }: { ctx: ServiceContext; input: SettleFinding }): Promise<{ id: string }> {
  authorize(ctx, 'review.decide');
  const { reviewId, kind, name, findingId, ...said } = parseInput(SettleFinding, input);
  const { tenantId, actor, runtime } = ctx;
  return mutate(ctx, async ({ tx, audit, signal }) => {
    const review = await lockReview(tx, tenantId, reviewId);
    const facts = await loadReviewFacts(tx, review);
    const decidable = mayDecide(actor, facts);
    if (!decidable.ok) throw new ServiceError('conflict', decidable.reason);
    const approvable = mayApprove(actor, facts);
    if (!approvable.ok) throw new ServiceError('not_permitted', approvable.reason);

    const { entries } = await weighEntries(tx, review);
    const found = entries.get(toEntryKey({ kind, name }))?.named.find(({ id }) => id === findingId);
    const pin = review.revision.entries.find((entry) => entry.kind === kind && entry.name === name)?.pin;
    if (!found || pin === undefined) throw createNotFoundError('finding');
    const { serverId } = review;
    const reason = said.state === 'not_a_problem' ? said.reason : null;
    await audit({
      action: 'review.settle_finding',
      entityType: 'review',
      entityId: reviewId,
      before: { state: found.settled?.state ?? 'open' },
      after: {
        serverId,
        kind,
        name,
        rule: found.rule,
        finding: findingId,
        state: said.state,
        ...(reason !== null && { reason }),
      },
    });
    const row = { tenantId, serverId, kind, pin, finding: findingId };
    await tx.findingState.deleteMany({ where: row });
    if (said.state !== 'open') {
      await tx.findingState.create({
        data: { ...row, state: said.state, reason, by: getActorId(actor), at: runtime.now(), revision: review.revision.number },
      });
    }
    signal('review', reviewId);
    return { id: findingId };
  });
}

/** Who approves an entry and says that they looked at what was found in it has acknowledged each of these. */
export async function acknowledgeSeen(
  tx: TenantTx,
  { tenantId, serverId, server, revision }: LoadedReview,
  {
    choices,
    weighed,
    by,
    at,
  }: { choices: readonly EntryChoice[]; weighed: ReadonlyMap<string, WeighedEntry>; by: string; at: Date },
): Promise<void> {
  const pins = new Map(revision.entries.map((entry) => [toEntryKey(entry), entry.pin]));
  const data = choices.flatMap((choice) => {
    const [key, { kind, verdict, seenHidden }] = [toEntryKey(choice), choice];
    const pin = pins.get(key);
    if (verdict !== 'approved' || !seenHidden || pin === undefined) return [];
    const open = (weighed.get(key)?.named ?? []).filter(({ settled }) => settled === null);
    const state = 'acknowledged' as const;
    return open.map(({ id }) => ({ tenantId, serverId, kind, pin, finding: id, state, by, at, revision: revision.number }));
  });
  // what was said at an address that the server has no more is in the way of none
  await tx.findingState.deleteMany({ where: { tenantId, serverId, revision: { lte: server.formerRevisions } } });
  // a text may have the very same thing twice
  await tx.findingState.createMany({ data, skipDuplicates: true });
}
