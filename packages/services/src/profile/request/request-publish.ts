import { z } from 'zod';

import { hashContent } from '@gatehouse/policy/documents/canonical';
import { ProfileDraft } from '@gatehouse/policy/documents/profile';

import { mutate } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import { getActorId, type ServiceContext } from '../../context.ts';
import { parseInput, ServiceError } from '../../errors.ts';
import { getPersonNames } from '../../person-names.ts';
import { joinDraft } from '../draft/join-draft.ts';
import { refuseCollisions, refuseProblems } from '../draft/refuse-draft.ts';
import { buildPublishedDocument } from '../publish/published-document.ts';
import { getPublishedVersions } from '../publish/published-versions.ts';
import { refuseOff } from '../publish/write-version.ts';
import { lockProfile, listProfileSiteIds } from '../require-profile.ts';

export const RequestPublish = z.strictObject({
  profileId: z.uuid(),
  /** what it is for, for whoever decides */
  note: z.string().trim().max(1_000).default(''),
});
export type RequestPublish = z.input<typeof RequestPublish>;

/**
 * Asks those who may publish to publish the draft: for who edits it and may not. Throws `precondition` for a draft that could not be published, and
 * `conflict` when somebody has asked already or nothing is left to publish.
 */
export async function requestPublish({ ctx, input }: { ctx: ServiceContext; input: RequestPublish }): Promise<{ id: string }> {
  authorize(ctx, 'profile.edit');
  const { profileId, note } = parseInput(RequestPublish, input);
  const { tenantId, actor } = ctx;
  return mutate(ctx, async ({ tx, audit, signal }) => {
    const profile = await lockProfile(tx, tenantId, profileId);
    refuseOff(profile);
    const open = await tx.publishRequest.findFirst({ where: { tenantId, profileId, state: 'open' } });
    if (open) {
      const { name } = (await getPersonNames(tx, tenantId, [open.requestedBy])).get(open.requestedBy);
      const who = open.requestedBy === getActorId(actor) ? 'You have' : `${name} has`;
      throw new ServiceError('conflict', `${who} asked for it already. An admin or an owner decides on that first.`);
    }
    const draft = ProfileDraft.parse(profile.draft);
    if (draft.entries.length === 0) throw new ServiceError('precondition', 'Nothing is selected. Select at least one entry.');
    const joined = await joinDraft(tx, ctx, draft, await listProfileSiteIds(tx, tenantId, profileId));
    refuseCollisions(joined);
    refuseProblems(joined);
    const published = (await getPublishedVersions(tx, tenantId, [profileId])).get(profileId);
    if (published && hashContent(published.document) === hashContent(buildPublishedDocument(profile, draft, joined))) {
      throw new ServiceError('conflict', `Version ${published.version} holds exactly this. Nothing is left to publish.`);
    }
    const { id } = await tx.publishRequest.create({
      data: {
        tenantId,
        profileId,
        note,
        draftRevision: profile.draftRevision,
        requestedBy: getActorId(actor),
        requestedAt: ctx.runtime.now(),
      },
    });
    const subject = { entityType: 'profile', entityId: profileId };
    await audit({ action: 'profile.request_publish', ...subject, after: { name: profile.name, requestId: id, note } });
    signal('profile', profileId);
    return { id };
  });
}
