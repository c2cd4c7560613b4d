import { canonicalJson } from '@gatehouse/policy/canonical';
import { ProfileDraft } from '@gatehouse/policy/profile';
import { z } from 'zod';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput, ServiceError } from '../errors.ts';
import { lockProfile, sitesOfProfile } from './find-profile.ts';
import { joinDraft, refuseCollisions, refuseProblems } from './join-draft.ts';

export const SaveDraft = z.strictObject({
  profileId: z.uuid(),
  draft: ProfileDraft,
  /** `draftUpdatedAt` that the editor started from: with it, a save over someone else's is refused */
  basedOn: z.date().optional(),
});
export type SaveDraft = z.input<typeof SaveDraft>;

/**
 * Stores the draft; what is served does not change. Throws `conflict` when two tools would be shown under one name (`details.collisions`
 * names the owners and a suggestion each) and `precondition` when a newly selected tool is not approved or not reachable at every site.
 * A tool that was selected before and has since been held stays selected; publishing refuses it.
 */
export async function saveDraft({ ctx, input }: { ctx: ServiceContext; input: SaveDraft }): Promise<{ draftUpdatedAt: Date }> {
  authorize(ctx, 'profile.edit');
  const { profileId, draft, basedOn } = parseInput(SaveDraft, input);
  const { tenantId } = ctx;

  return mutate(ctx, async ({ tx, audit, signal, unchanged }) => {
    const profile = await lockProfile(tx, tenantId, profileId);
    if (basedOn && basedOn.getTime() !== profile.draftUpdatedAt.getTime()) {
      throw new ServiceError('conflict', 'Someone else has changed this draft. Reload it and make your change again.');
    }
    const before = ProfileDraft.parse(profile.draft);
    if (canonicalJson(before) === canonicalJson(draft)) {
      unchanged();
      return { draftUpdatedAt: profile.draftUpdatedAt };
    }
    const now = ctx.runtime.now();
    const joined = await joinDraft(tx, { tenantId, now, siteIds: await sitesOfProfile(tx, tenantId, profileId) }, draft);
    refuseCollisions(joined);
    const kept = new Set(before.tools.map(toolKey));
    refuseProblems(joined.filter((tool) => !kept.has(toolKey(tool))));

    await tx.profile.update({ where: { tenantId_id: { tenantId, id: profileId } }, data: { draft, draftUpdatedAt: now } });
    await audit({ action: 'profile.save_draft', entityType: 'profile', entityId: profileId, after: changesOf(before, draft) });
    signal('profile', profileId);
    return { draftUpdatedAt: now };
  });
}

/** Which tools were selected, dropped or set otherwise: the admin log names them, the draft itself stands in the profile. */
function changesOf(before: ProfileDraft, after: ProfileDraft) {
  const was = new Map(before.tools.map((tool) => [toolKey(tool), canonicalJson(tool)]));
  const is = new Map(after.tools.map((tool) => [toolKey(tool), canonicalJson(tool)]));
  return {
    added: [...is.keys()].filter((key) => !was.has(key)),
    removed: [...was.keys()].filter((key) => !is.has(key)),
    changed: [...is].filter(([key, tool]) => was.has(key) && was.get(key) !== tool).map(([key]) => key),
    audit: after.audit,
  };
}

function toolKey({ serverId, toolName }: { serverId: string; toolName: string }): string {
  return `${serverId}/${toolName}`;
}
