import { z } from 'zod';

import { hashContent } from '@gatehouse/policy/documents/canonical';
import { ProfileDraft, PublishedProfile } from '@gatehouse/policy/documents/profile';
import { Sha256 } from '@gatehouse/policy/documents/sha256';

import { createActId } from '../../audit/act-id.ts';
import { toLoggedCounts } from '../../audit/logged-counts.ts';
import { mutate } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import { getActorId, type ServiceContext } from '../../context.ts';
import { parseInput, ServiceError } from '../../errors.ts';
import { writeConfigurations } from '../../snapshot/write-configuration.ts';
import { joinDraft } from '../draft/join-draft.ts';
import { refuseCollisions, refuseProblems } from '../draft/refuse-draft.ts';
import { lockProfile, listProfileSiteIds } from '../require-profile.ts';
import { buildPublishedDocument } from './published-document.ts';

export const PublishProfile = z.strictObject({
  profileId: z.uuid(),
  /** `contentHash` of the preview that was looked at: with it, anything else than what was seen is refused */
  expected: Sha256.optional(),
});
export type PublishProfile = z.input<typeof PublishProfile>;

export interface PublishedVersion {
  version: number;
  /** sites that got a new configuration */
  sites: { siteId: string; snapshotVersion: number }[];
}

/**
 * Makes a version of the draft, joined with what is approved at this moment, and the signed snapshots of all its sites, in one
 * transaction. Throws `precondition` when a selected tool is not approved or not reachable everywhere, `conflict` when the draft is not
 * the one that was previewed or is what is served already.
 */
export async function publishProfile({ ctx, input }: { ctx: ServiceContext; input: PublishProfile }): Promise<PublishedVersion> {
  authorize(ctx, 'profile.publish');
  const { profileId, expected } = parseInput(PublishProfile, input);
  const { tenantId } = ctx;

  return mutate(ctx, async (mutation) => {
    const { tx, audit, signal } = mutation;
    const profile = await lockProfile(tx, tenantId, profileId);
    if (profile.disabledAt !== null) throw new ServiceError('precondition', `${profile.name} is disabled. Enable it first.`);
    const draft = ProfileDraft.parse(profile.draft);
    if (draft.entries.length === 0) throw new ServiceError('precondition', 'Nothing is selected. Select at least one entry.');
    const now = ctx.runtime.now();
    const siteIds = await listProfileSiteIds(tx, tenantId, profileId);
    const joined = await joinDraft(tx, ctx, draft, siteIds);
    refuseCollisions(joined);
    refuseProblems(joined);
    const document = buildPublishedDocument(profile, draft, joined);
    const hash = hashContent(document);
    if (expected !== undefined && expected !== hash) {
      throw new ServiceError(
        'conflict',
        'The draft is not the one that you looked at any more. Look at the preview again, then publish.',
      );
    }
    const newest = await tx.profileVersion.findFirst({ where: { tenantId, profileId }, orderBy: { number: 'desc' } });
    if (newest && newest.number === profile.publishedVersion && hashContent(PublishedProfile.parse(newest.document)) === hash) {
      throw new ServiceError(
        'conflict',
        `Version ${newest.number} is published and holds exactly this. Nothing is left to publish.`,
      );
    }
    const version = (newest?.number ?? 0) + 1;
    const auditId = createActId();
    await audit({
      id: auditId,
      action: 'profile.publish',
      entityType: 'profile',
      entityId: profileId,
      before: { version: profile.publishedVersion },
      after: { version, contentHash: hash, ...toLoggedCounts(document.entries), siteIds },
    });
    await tx.profileVersion.create({
      data: {
        tenantId,
        profileId,
        number: version,
        document,
        contentHash: hash,
        publishedBy: getActorId(ctx.actor),
        publishedAt: now,
        auditId,
      },
    });
    await tx.profile.update({ where: { tenantId_id: { tenantId, id: profileId } }, data: { publishedVersion: version } });
    const sites = await writeConfigurations(mutation, ctx, siteIds, 'profile.publish', { catalogue: true });
    signal('profile', profileId);
    return { version, sites };
  });
}
