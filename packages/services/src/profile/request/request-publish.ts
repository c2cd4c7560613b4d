import { z } from 'zod';

import { Sha256 } from '@gatehouse/policy/documents/sha256';

import { mutate } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import { getActorId, type ServiceContext } from '../../context.ts';
import { parseInput, ServiceError } from '../../errors.ts';
import { isAsked } from '../../owner/asked.ts';
import { getPersonNames } from '../../person-names.ts';
import { loadAsked } from '../consent/standing.ts';
import { buildDraftVersion } from '../publish/build-draft-version.ts';
import { prepareVersion } from '../publish/write-version.ts';
import { lockProfile } from '../require-profile.ts';
import { findOpenRequest } from './find-request.ts';

export const RequestPublish = z.strictObject({
  profileId: z.uuid(),
  /** what it is for, for whoever decides */
  note: z.string().trim().max(1_000).default(''),
  /** `contentHash` of the preview that was looked at: with it, anything else than what was seen is refused */
  expected: Sha256.optional(),
});
export type RequestPublish = z.input<typeof RequestPublish>;

/**
 * Asks those who may publish to publish the draft: for who edits it and may not. Where the owner of the profile has to agree, that can be before or after
 * somebody publishes it; an owner who asks has agreed. Throws `precondition` for a draft that could not be published, and `conflict` when somebody has asked
 * already, it is not what was looked at, or nothing is left to publish.
 */
export async function requestPublish({ ctx, input }: { ctx: ServiceContext; input: RequestPublish }): Promise<{ id: string }> {
  authorize(ctx, 'profile.edit');
  const { profileId, note, expected } = parseInput(RequestPublish, input);
  const { tenantId, actor } = ctx;
  return mutate(ctx, async ({ tx, audit, signal }) => {
    const profile = await lockProfile(tx, tenantId, profileId);
    const open = await findOpenRequest(tx, profile, { rolledBackTo: null });
    if (open) {
      const { name } = (await getPersonNames(tx, tenantId, [open.requestedBy])).get(open.requestedBy);
      const who = open.requestedBy === getActorId(actor) ? 'You have' : `${name} has`;
      throw new ServiceError('conflict', `${who} asked for it already. An admin or an owner decides on that first.`);
    }
    const wanted = await buildDraftVersion(tx, ctx, profile);
    const { offerHash } = await prepareVersion(tx, ctx, profile, { ...wanted, expected, rolledBackTo: null });
    const [by, at] = [getActorId(actor), ctx.runtime.now()];
    // an owner who asks for it has agreed to it by that
    const consent = isAsked(actor, await loadAsked(tx, profile))
      ? { consentedBy: by, consentedAt: at, consentedHash: offerHash }
      : {};
    const { id } = await tx.publishRequest.create({
      data: {
        tenantId,
        profileId,
        note,
        draftRevision: profile.draftRevision,
        requestedBy: by,
        requestedAt: at,
        ...consent,
      },
    });
    const subject = { entityType: 'profile', entityId: profileId };
    await audit({ action: 'profile.request_publish', ...subject, after: { name: profile.name, requestId: id, note } });
    signal('profile', profileId);
    return { id };
  });
}
