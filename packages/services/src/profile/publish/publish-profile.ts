import { z } from 'zod';

import { ProfileDraft } from '@gatehouse/policy/documents/profile';
import { Sha256 } from '@gatehouse/policy/documents/sha256';

import { mutate } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { parseInput, ServiceError } from '../../errors.ts';
import { joinDraft } from '../draft/join-draft.ts';
import { refuseCollisions, refuseProblems } from '../draft/refuse-draft.ts';
import { closeOpenRequest } from '../request/close-open-request.ts';
import { lockProfile, listProfileSiteIds } from '../require-profile.ts';
import { buildPublishedDocument } from './published-document.ts';
import { prepareVersion, type PublishedVersion, refuseOff, storeVersion } from './write-version.ts';

export const PublishProfile = z.strictObject({
  profileId: z.uuid(),
  /** `contentHash` of the preview that was looked at: with it, anything else than what was seen is refused */
  expected: Sha256.optional(),
});
export type PublishProfile = z.input<typeof PublishProfile>;

/**
 * Makes a version of the draft, joined with what is approved at this moment, and the signed snapshots of all its sites, in one
 * transaction; whoever asked for it is answered. Throws `precondition` when a selected tool is not approved or not reachable everywhere, `conflict`
 * when the draft is not the one that was previewed or is what is served already.
 */
export async function publishProfile({ ctx, input }: { ctx: ServiceContext; input: PublishProfile }): Promise<PublishedVersion> {
  authorize(ctx, 'profile.publish');
  const { profileId, expected } = parseInput(PublishProfile, input);
  const { tenantId } = ctx;

  return mutate(ctx, async (mutation) => {
    const { tx, audit } = mutation;
    const profile = await lockProfile(tx, tenantId, profileId);
    refuseOff(profile);
    const draft = ProfileDraft.parse(profile.draft);
    if (draft.entries.length === 0) throw new ServiceError('precondition', 'Nothing is selected. Select at least one entry.');
    const siteIds = await listProfileSiteIds(tx, tenantId, profileId);
    const joined = await joinDraft(tx, ctx, draft, siteIds);
    refuseCollisions(joined);
    refuseProblems(joined);
    const document = buildPublishedDocument(profile, draft, joined);
    const due = await prepareVersion(tx, ctx, profile, { document, siteIds, expected });
    await audit(due.act);
    const published = await storeVersion(mutation, ctx, due);
    await closeOpenRequest(tx, ctx, profileId, { state: 'published', version: published.version });
    return published;
  });
}
