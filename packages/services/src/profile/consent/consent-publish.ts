import { z } from 'zod';

import type { PublishRequest } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { Sha256 } from '@gatehouse/policy/documents/sha256';

import { mutate } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import { getActorId, type ServiceContext } from '../../context.ts';
import { createNotFoundError, parseInput, ServiceError } from '../../errors.ts';
import { mayConsent } from '../../owner/asked.ts';
import { followWithDraft } from '../history/follow-with-draft.ts';
import { storeVersion } from '../publish/write-version.ts';
import { closeRequest } from '../request/close-request.ts';
import { lockRequest, refuseDecided } from '../request/find-request.ts';
import { buildOffer } from './build-offer.ts';
import { findProposal, hasConsentTo, maySeeRequest } from './standing.ts';

export const ConsentPublish = z.strictObject({
  requestId: z.uuid(),
  /** `offerHash` of what was looked at: anything else is refused */
  expected: Sha256,
  /** why it goes on without the owner of the profile: due from who owns the workspace and not the profile */
  reason: z.string().trim().min(1).max(1_000).optional(),
});
export type ConsentPublish = z.input<typeof ConsentPublish>;

export interface ConsentedPublish {
  id: string;
  /** number of the version that took effect by it; null: nobody has published exactly this yet */
  version: number | null;
  /** sites that got a new configuration */
  sites: { siteId: string; snapshotVersion: number }[];
}

/**
 * The owner of a profile agrees to exactly what a request would make of it, before or after somebody publishes that; what waited for it alone is published in
 * the name of who published it. Who owns the workspace can go on without, with a reason. Throws `not_permitted`, `conflict` when it is not what was looked at,
 * agreed to or decided, `precondition` when it cannot be published now, and `not_found`.
 */
export async function consentPublish({ ctx, input }: { ctx: ServiceContext; input: ConsentPublish }): Promise<ConsentedPublish> {
  authorize(ctx, 'profile.use');
  const { requestId, expected, reason = null } = parseInput(ConsentPublish, input);
  const { tenantId, actor } = ctx;
  return mutate(ctx, async (mutation) => {
    const { tx, audit, signal } = mutation;
    const { request, profile, asked } = await lockRequest(tx, tenantId, requestId);
    // who may not see requests learns of none by asking
    if (!maySeeRequest(actor, asked)) throw createNotFoundError('request');
    refuseDecided(request);
    const { due, rollBack } = await buildOffer(tx, ctx, profile, request);
    const { offerHash } = due;
    const proposal = await findProposal(tx, request, offerHash);
    const facts = { asked, hasConsent: hasConsentTo(request, asked, offerHash), isSeconded: proposal !== null };
    const permitted = mayConsent(actor, facts);
    if (!permitted.ok) throw new ServiceError(facts.hasConsent ? 'conflict' : 'not_permitted', permitted.reason);
    if (offerHash !== expected) {
      throw new ServiceError('conflict', 'This is not what you looked at any more. Look at it again, then decide.');
    }
    if (permitted.takesReason && reason === null) {
      throw new ServiceError('invalid', 'Say why this goes on without the owner of the profile.', { field: 'reason' });
    }
    const without = permitted.takesReason ? reason : null;
    const { number: version, contentHash } = due.row;
    await audit({
      action: 'profile.consent',
      entityType: 'profile',
      entityId: profile.id,
      after: { name: profile.name, requestId, version, contentHash, ...(without && { withoutOwner: true, reason: without }) },
    });
    await keepConsent(tx, ctx, request, { offerHash, reason: without });
    signal('profile', profile.id);
    if (!proposal) return { id: requestId, version: null, sites: [] };
    const { by, auditId } = proposal;
    const { sites } = await storeVersion(mutation, ctx, { ...due, row: { ...due.row, publishedBy: by, auditId } });
    await closeRequest(tx, ctx, request, { by, end: { state: 'published', version } });
    if (rollBack) await followWithDraft(mutation, ctx, profile, rollBack);
    return { id: requestId, version, sites };
  });
}

async function keepConsent(
  tx: TenantTx,
  { actor, runtime }: ServiceContext,
  { tenantId, id }: PublishRequest,
  { offerHash, reason }: { offerHash: string; reason: string | null },
): Promise<void> {
  await tx.publishRequest.update({
    where: { tenantId_id: { tenantId, id } },
    data: {
      consentedBy: getActorId(actor),
      consentedAt: runtime.now(),
      consentedHash: offerHash,
      consentReason: reason,
    },
  });
}
