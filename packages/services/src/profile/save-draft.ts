import { canonicalJson } from '@gatehouse/policy/documents/canonical';
import { ProfileDraft } from '@gatehouse/policy/documents/profile';
import { z } from 'zod';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput, ServiceError } from '../errors.ts';
import { lockProfile, sitesOfProfile } from './find-profile.ts';
import { changesOf, draftEntries, itemEntryKey, toolKey } from './draft-changes.ts';
import { type JoinedDraft, joinDraft } from './join-draft.ts';
import { isOwnProblem } from './problem.ts';
import { asSelected, refuseCollisions, refuseProblems, type Selected } from './refuse-draft.ts';

export const SaveDraft = z.strictObject({
  profileId: z.uuid(),
  draft: ProfileDraft,
  /** `draftUpdatedAt` that the editor started from: with it, a save over someone else's is refused */
  basedOn: z.date().optional(),
});
export type SaveDraft = z.input<typeof SaveDraft>;

/**
 * Stores the draft; what is served does not change. Throws NameCollisionError when two tools would be shown under one name, `invalid` for
 * argument rules or names that cannot be, and `precondition` when something newly selected is not approved or not reachable at every
 * site. What was selected before and has since been held stays selected; publishing refuses it.
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
    refuseProblems(newProblems(joined, draftEntries(before), draftEntries(draft)));

    await tx.profile.update({ where: { tenantId_id: { tenantId, id: profileId } }, data: { draft, draftUpdatedAt: now } });
    await audit({ action: 'profile.save_draft', entityType: 'profile', entityId: profileId, after: changesOf(before, draft) });
    signal('profile', profileId);
    return { draftUpdatedAt: now };
  });
}

/** What was selected before may stay with a problem that came from outside, and with one of its own while nothing of it is edited. */
function newProblems(joined: JoinedDraft, before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): Selected[] {
  const keyed = [
    ...joined.tools.map((tool) => ({ key: toolKey(tool.serverId, tool.toolName), selected: tool })),
    ...[...joined.prompts, ...joined.resources, ...joined.resourceTemplates].map((item) => ({
      key: itemEntryKey(item.kind, item.serverId, item.name),
      selected: asSelected(item),
    })),
  ];
  return keyed
    .filter(({ key, selected: { problem } }) => {
      if (!before.has(key)) return true;
      return problem !== null && isOwnProblem(problem) && before.get(key) !== after.get(key);
    })
    .map(({ selected }) => selected);
}
