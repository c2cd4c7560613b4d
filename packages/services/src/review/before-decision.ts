import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { EntryKind } from '@gatehouse/policy/documents/catalogue-entry';
import { Risk } from '@gatehouse/policy/documents/definition';

import { Proposal } from './proposal.ts';
import type { LoadedReview } from './require-review.ts';

/** How long whoever decided may take it back. */
const TAKE_BACK_MS = 3_600_000;

const Time = z.iso.datetime().transform((text) => new Date(text));
const Row = z.strictObject({
  kind: EntryKind,
  name: z.string(),
  pin: z.string(),
  verdict: z.enum(['pending', 'approved', 'rejected']),
  risk: Risk.nullable(),
  logArguments: z.array(z.string()),
  logResults: z.array(z.string()),
  ignored: z.array(z.string()),
  note: z.string().nullable(),
  decidedBy: z.uuid().nullable(),
  decidedAt: Time.nullable(),
  auditId: z.uuid().nullable(),
});

/** What a decision took the place of, as it is stored beside it. */
export const BeforeDecision = z.strictObject({
  /** the act of the decision or confirmation, which may be taken back by whoever made it */
  decisionId: z.uuid(),
  by: z.uuid(),
  at: Time,
  review: z.strictObject({
    state: z.enum(['open', 'decided']),
    decidedAt: Time.nullable(),
    validUntil: Time.nullable(),
    auditId: z.uuid().nullable(),
    breakGlassReason: z.string().nullable(),
    confirmedBy: z.uuid().nullable(),
    confirmedAt: Time.nullable(),
    confirmAuditId: z.uuid().nullable(),
  }),
  waited: z.strictObject({ by: z.uuid(), at: Time, proposal: Proposal }).nullable(),
  decisions: z.array(Row),
});
export type BeforeDecision = z.output<typeof BeforeDecision>;

/** Keeps what stands and what waits, before a decision takes its place, or is confirmed. */
export async function keepBefore(
  tx: TenantTx,
  review: LoadedReview,
  made: Pick<BeforeDecision, 'decisionId' | 'by' | 'at'>,
): Promise<void> {
  const { tenantId, id, state, decidedAt, validUntil, auditId, breakGlassReason, confirmedBy, confirmedAt, confirmAuditId } =
    review;
  if (state !== 'open' && state !== 'decided') throw new Error(`A review that is ${state} is not decided`);
  const { proposedBy, proposedAt } = review;
  const before: BeforeDecision = {
    ...made,
    review: { state, decidedAt, validUntil, auditId, breakGlassReason, confirmedBy, confirmedAt, confirmAuditId },
    waited: proposedBy && proposedAt ? { by: proposedBy, at: proposedAt, proposal: Proposal.parse(review.proposal) } : null,
    decisions: review.decisions.map(({ tenantId: _tenant, reviewId: _review, serverId: _server, ...row }) => row),
  };
  const stored: unknown = JSON.parse(JSON.stringify(before));
  await tx.review.update({
    where: { tenantId_id: { tenantId, id } },
    data: { beforeDecision: z.json().parse(stored) ?? Prisma.DbNull },
  });
}

/** What the newest decision took the place of, and until when it can be taken back; null when another act has come since, or it was none of before. */
export function findBefore(review: LoadedReview): { before: BeforeDecision; until: Date } | null {
  const before = BeforeDecision.safeParse(review.beforeDecision).data;
  if (!before) return null;
  const waiting = Proposal.safeParse(review.proposal).data;
  const newest = review.confirmedAt === null ? review.auditId : review.confirmAuditId;
  // of what waits, whoever came last may take it back: the second person, where the owner has still to agree
  const last = waiting?.confirmation?.auditId ?? waiting?.auditId;
  const isNewest = waiting ? last === before.decisionId : review.state === 'decided' && newest === before.decisionId;
  return isNewest ? { before, until: new Date(before.at.getTime() + TAKE_BACK_MS) } : null;
}
