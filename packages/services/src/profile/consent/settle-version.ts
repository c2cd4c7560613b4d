import type { Profile, PublishRequest } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import type { Mutation } from '../../audit/mutate.ts';
import { getActorId, type ServiceContext } from '../../context.ts';
import { ServiceError } from '../../errors.ts';
import { takesConsent } from '../../owner/asked.ts';
import { getPersonNames } from '../../person-names.ts';
import {
  type DueVersion,
  type NewVersion,
  prepareVersion,
  type PublishedVersion,
  storeVersion,
} from '../publish/write-version.ts';
import { closeRequest, NO_CONSENT } from '../request/close-request.ts';
import { findOpenRequest } from '../request/find-request.ts';
import { findProposal, hasConsentTo, loadAsked } from './standing.ts';

/** What came of it when somebody published. */
export interface SettledVersion extends PublishedVersion {
  /** name of the owner of the profile, who has to agree first: until then nothing is in effect; null: it is published */
  asks: string | null;
  /** of the request that waits for the owner */
  requestId: string | null;
}

/** A version that is due, with what the owner of the profile has said to it. */
export interface WeighedVersion extends DueVersion {
  profile: Profile;
  /** that is open for it */
  request: PublishRequest | null;
  /** somebody has agreed to exactly this */
  isAgreed: boolean;
  /** name of the owner, who has to agree first; null: nobody has to */
  asks: string | null;
}

/**
 * Under the lock of the profile: what its next version is, and whether its owner has to agree to it. Throws as `prepareVersion`, and `conflict` when exactly
 * this waits already. The caller writes the act, then goes on by `settleVersion`.
 */
export async function weighVersion(
  tx: TenantTx,
  ctx: ServiceContext,
  profile: Profile,
  wanted: NewVersion,
): Promise<WeighedVersion> {
  const due = await prepareVersion(tx, ctx, profile, wanted);
  const asked = await loadAsked(tx, profile);
  const request = await findOpenRequest(tx, profile, wanted);
  const isAgreed = hasConsentTo(request, asked, due.offerHash);
  const asks = asked && takesConsent(ctx.actor, { asked, hasConsent: isAgreed }) ? asked.owner.name : null;
  if (request && asks !== null) await refuseSame(tx, request, due, asks);
  const agreedBy = isAgreed ? request?.consentedBy : null;
  const after = { ...due.act.after, ...(asks !== null && { asksOwner: asks }), ...(agreedBy && { agreedBy }) };
  return { ...due, act: { ...due.act, after }, profile, request, isAgreed, asks };
}

/**
 * Inside the caller's mutation, after its act was written: makes the version, unless the owner has to agree. Then the request waits, and `consentPublish` makes
 * the version by that act.
 */
export async function settleVersion(mutation: Mutation, ctx: ServiceContext, due: WeighedVersion): Promise<SettledVersion> {
  const { tx, signal } = mutation;
  const { request, profile, isAgreed, asks } = due;
  if (asks !== null) {
    const requestId = await storeProposal(tx, ctx, due);
    signal('profile', profile.id);
    return { version: due.row.number, sites: [], asks, requestId };
  }
  const published = await storeVersion(mutation, ctx, due);
  if (request) {
    const end = { state: 'published', version: published.version, ...(!isAgreed && NO_CONSENT) } as const;
    await closeRequest(tx, ctx, request, { by: getActorId(ctx.actor), end });
  }
  return { ...published, asks: null, requestId: null };
}

async function refuseSame(tx: TenantTx, request: PublishRequest, { offerHash }: DueVersion, asks: string): Promise<void> {
  const proposal = await findProposal(tx, request, offerHash);
  if (!proposal) return;
  const { name } = (await getPersonNames(tx, request.tenantId, [proposal.by])).get(proposal.by);
  throw new ServiceError('conflict', `${name} has published exactly this already. It waits for ${asks} to agree.`);
}

/** What is published waits in the request that somebody made for it, or in one of its own. */
async function storeProposal(tx: TenantTx, { actor, runtime }: ServiceContext, due: WeighedVersion): Promise<string> {
  const { row, offerHash, request, profile } = due;
  const { tenantId, id: profileId, draftRevision } = profile;
  const [by, at] = [getActorId(actor), runtime.now()];
  const data = {
    draftRevision,
    rolledBackTo: row.rolledBackTo ?? null,
    proposedBy: by,
    proposedAt: at,
    proposedHash: offerHash,
    auditId: row.auditId,
  };
  if (request) {
    await tx.publishRequest.update({ where: { tenantId_id: { tenantId, id: request.id } }, data });
    return request.id;
  }
  const made = await tx.publishRequest.create({ data: { ...data, tenantId, profileId, requestedBy: by, requestedAt: at } });
  return made.id;
}
