import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { EntryKind } from '@gatehouse/policy/documents/catalogue-entry';
import { Risk } from '@gatehouse/policy/documents/definition';
import { FieldPointer } from '@gatehouse/policy/documents/profile';
import { IgnoredPointers } from '@gatehouse/policy/documents/prose';

const AnyChoice = {
  name: z.string().min(1).max(2_048),
  verdict: z.enum(['approved', 'rejected']),
  note: z.string().trim().max(1_000).optional(),
  /** this person has looked at what was found in the definition (hidden text, a secret, personal data); an approval needs it when there is any */
  seenHidden: z.boolean().optional(),
  /** JSON Pointers of texts that may be worded anew at each look without another review: AI clients get those that are approved here */
  ignored: IgnoredPointers.default([]),
};

/** The decision on one entry of a review. */
export const EntryChoice = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('tool'),
    ...AnyChoice,
    risk: Risk,
    /** JSON Pointers of single-value fields whose values are logged */
    logArguments: z.array(FieldPointer).max(64).default([]),
    logResults: z.array(FieldPointer).max(64).default([]),
  }),
  z.strictObject({ kind: EntryKind.exclude(['tool']), ...AnyChoice }),
]);
export type EntryChoice = z.output<typeof EntryChoice>;

/** How long what is approved may be used, in days. */
export const ValidDays = z.int().min(1).max(365);
/** Every entry of the revision, once. */
export const EntryChoices = z.array(EntryChoice).max(8_000);

/** What one person decided and waits for others, a second person or the owner of the server, as it is stored. */
export const Proposal = z.strictObject({
  decisions: EntryChoices,
  validDays: ValidDays,
  reason: z.string().nullable(),
  /** the first person's act in the log */
  auditId: z.uuid(),
  /** left out: a second person has to confirm it */
  takesTwo: z.literal(false).optional(),
  /** of the second person, where the owner has still to agree */
  confirmation: z.strictObject({ by: z.uuid(), at: z.iso.datetime(), auditId: z.uuid() }).optional(),
});
export type Proposal = z.output<typeof Proposal>;

/** Puts a decision to whoever is missing, in the place of one that waited before; null: nothing waits any more. */
export async function storeProposal(
  tx: TenantTx,
  { tenantId, id }: { tenantId: string; id: string },
  proposed: { by: string; at: Date; proposal: Proposal } | null,
): Promise<void> {
  await tx.review.update({
    where: { tenantId_id: { tenantId, id } },
    data: {
      proposal: proposed?.proposal ?? Prisma.DbNull,
      proposedBy: proposed?.by ?? null,
      proposedAt: proposed?.at ?? null,
      isSeconded: proposed?.proposal.takesTwo === false || proposed?.proposal.confirmation !== undefined,
    },
  });
}
