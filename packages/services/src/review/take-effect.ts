import type { TenantTx } from '@gatehouse/db/tenant';
import { toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';

import type { Mutation } from '../audit/mutate.ts';
import type { ServiceContext } from '../context.ts';
import { listServerSiteIds } from '../server/sites.ts';
import { writeConfigurations, type WriteReason } from '../snapshot/write-configuration.ts';
import type { EntryChoice } from './proposal.ts';
import type { LoadedReview } from './require-review.ts';

/** A decision that is complete. */
export interface Decision {
  choices: readonly EntryChoice[];
  decidedBy: string;
  decidedAt: Date;
  validUntil: Date;
  /** the act of the person who decided */
  auditId: string;
  /** why an owner decided alone */
  breakGlassReason: string | null;
  confirmation: { by: string; at: Date; auditId: string } | null;
}

/** Sites that got a new configuration. */
export type WrittenSites = { siteId: string; snapshotVersion: number }[];

/** Puts a complete decision in the place of what was decided before and writes the snapshots of the server's sites. */
export async function takeEffect(
  mutation: Mutation,
  ctx: ServiceContext,
  review: LoadedReview,
  decision: Decision,
  reason: WriteReason,
): Promise<WrittenSites> {
  const { tx, signal } = mutation;
  const { tenantId, id: reviewId, serverId } = review;
  await storeDecisions(tx, review, decision);
  const { decidedAt, validUntil, auditId, breakGlassReason, confirmation } = decision;
  await tx.review.update({
    where: { tenantId_id: { tenantId, id: reviewId } },
    data: {
      state: 'decided',
      decidedAt,
      validUntil,
      auditId,
      breakGlassReason,
      confirmedBy: confirmation?.by ?? null,
      confirmedAt: confirmation?.at ?? null,
      confirmAuditId: confirmation?.auditId ?? null,
    },
  });
  signal('server', serverId);
  return writeConfigurations(mutation, ctx, await listServerSiteIds(tx, tenantId, serverId), reason, { catalogue: true });
}

async function storeDecisions(
  tx: TenantTx,
  { tenantId, id: reviewId, serverId, revision }: LoadedReview,
  { choices, decidedBy, decidedAt, auditId }: Decision,
): Promise<void> {
  const pins = new Map(revision.entries.map((entry) => [toEntryKey(entry), entry.pin]));
  const common = { tenantId, reviewId, serverId, decidedBy, decidedAt, auditId };
  await tx.entryDecision.deleteMany({ where: { tenantId, reviewId } });
  await tx.entryDecision.createMany({
    data: choices.flatMap(({ seenHidden: _seenHidden, ...choice }) => {
      const pin = pins.get(toEntryKey(choice));
      return pin === undefined ? [] : [{ ...common, pin, ...choice }];
    }),
  });
}
