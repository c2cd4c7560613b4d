import { z } from 'zod';

import type { Profile, PublishRequest } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import type { PublishedProfile } from '@gatehouse/policy/documents/profile';

import { AddressId } from '../../address.ts';
import { read } from '../../audit/mutate.ts';
import { authorize, isPermitted } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { createNotFoundError, parseInput, ServiceError } from '../../errors.ts';
import { type Asked, describeAsked, mayConsent } from '../../owner/asked.ts';
import type { OwnerView } from '../../owner/owner.ts';
import type { Permitted } from '../../permitted.ts';
import { buildOffer } from '../consent/build-offer.ts';
import { findProposal, hasConsentTo, loadAsked, maySeeRequest, maySendBack } from '../consent/standing.ts';
import type { SelectionProblem } from '../draft/refuse-draft.ts';
import { countPeople } from '../effective-access.ts';
import { getServerNames } from '../history/require-version.ts';
import { getPublishedVersions } from '../publish/published-versions.ts';
import { requireProfile } from '../require-profile.ts';
import { describeRequests, type PublishRequestRow, WITH_PROFILE } from './request-row.ts';

export const GetPublishRequest = z.strictObject({ requestId: AddressId });
export type GetPublishRequest = z.input<typeof GetPublishRequest>;

/** What an open request would make of the profile now, and whether its owner agrees to that. */
export interface RequestOffer {
  /** to agree to exactly this: `expected` of consentPublish */
  offerHash: string;
  /** number that the version would have */
  version: number;
  /** what would be served */
  document: PublishedProfile;
  /** what is served now; null: nothing was published yet */
  published: { version: number; document: PublishedProfile } | null;
  /** by server id */
  serverNames: Record<string, string>;
  /** of a roll-back: what was chosen then and is left out, each with the reason */
  leftOut: SelectionProblem[];
  /** names of the sites where it would be served */
  sites: string[];
  /** who may use it now */
  people: number;
  /** somebody has published exactly this, and nothing is missing but the owner */
  isProposed: boolean;
  /** somebody has agreed to exactly this */
  isAgreed: boolean;
  /** whose consent is missing, in a sentence; null: nobody's */
  missing: string | null;
  canConsent: Permitted;
  /** who goes on without the owner says why */
  takesReason: boolean;
}

export interface PublishRequestDetail {
  request: PublishRequestRow;
  /** who is asked to agree; null: nobody */
  owner: OwnerView | null;
  /** null: it is decided, or cannot be published now */
  offer: RequestOffer | null;
  /** why it cannot be published now, in a sentence */
  problem: string | null;
  canSendBack: boolean;
  /** the one who asks may publish it, on the page of the profile */
  canPublish: boolean;
}

/**
 * One request with everything that is needed to agree to it, also for the owner of the profile, whatever the role. What it would make of the profile is built
 * anew each time. Throws `not_found`.
 */
export async function getPublishRequest({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: GetPublishRequest;
}): Promise<PublishRequestDetail> {
  authorize(ctx, 'profile.use');
  const { requestId } = parseInput(GetPublishRequest, input);
  const { tenantId, actor } = ctx;
  return read(ctx, async (tx) => {
    const found = await tx.publishRequest.findUnique({
      where: { tenantId_id: { tenantId, id: requestId } },
      include: WITH_PROFILE,
    });
    const profile = found && (await requireProfile(tx, tenantId, { profileId: found.profileId }));
    const asked = profile && (await loadAsked(tx, profile));
    if (!profile || !maySeeRequest(actor, asked)) throw createNotFoundError('request');
    const [request] = await describeRequests(tx, tenantId, [found]);
    if (!request) throw createNotFoundError('request');
    const isOpen = found.state === 'open';
    return {
      request,
      owner: asked?.owner ?? null,
      ...(isOpen ? await tryOffer(tx, ctx, profile, { request: found, asked }) : { offer: null, problem: null }),
      canSendBack: isOpen && maySendBack(actor, asked),
      canPublish: isOpen && isPermitted(actor, 'profile.publish'),
    };
  });
}

interface About {
  request: PublishRequest;
  asked: Asked | null;
}

/** What publishing would refuse is what the reader is told. */
async function tryOffer(
  tx: TenantTx,
  ctx: ServiceContext,
  profile: Profile,
  about: About,
): Promise<Pick<PublishRequestDetail, 'offer' | 'problem'>> {
  try {
    return { offer: await loadOffer(tx, ctx, profile, about), problem: null };
  } catch (error) {
    if (error instanceof ServiceError) return { offer: null, problem: error.message };
    throw error;
  }
}

async function loadOffer(tx: TenantTx, ctx: ServiceContext, profile: Profile, { request, asked }: About): Promise<RequestOffer> {
  const { tenantId, id } = profile;
  const { due, document, rollBack } = await buildOffer(tx, ctx, profile, request);
  const { offerHash, siteIds } = due;
  const published = (await getPublishedVersions(tx, tenantId, [id])).get(id);
  const isProposed = (await findProposal(tx, request, offerHash)) !== null;
  const isAgreed = hasConsentTo(request, asked, offerHash);
  const { takesReason, ...canConsent } = mayConsent(ctx.actor, { asked, hasConsent: isAgreed, isSeconded: isProposed });
  const sites = await tx.site.findMany({
    where: { tenantId, id: { in: [...siteIds] } },
    orderBy: { slug: 'asc' },
    select: { name: true },
  });
  return {
    offerHash,
    version: due.row.number,
    document,
    published: published ? { version: published.version, document: published.document } : null,
    serverNames: await getServerNames(tx, tenantId, [document, published?.document ?? null]),
    leftOut: rollBack?.leftOut ?? [],
    sites: sites.map(({ name }) => name),
    people: (await countPeople(tx, { tenantId, now: ctx.runtime.now(), profileIds: [id] })).get(id),
    isProposed,
    isAgreed,
    missing: !isAgreed && (asked !== null || isProposed) ? describeAsked(asked) : null,
    canConsent,
    takesReason,
  };
}
