import { z } from 'zod';

import { withSuggestedNames } from '@gatehouse/policy/compile/suggested-name';
import { toCanonicalJson } from '@gatehouse/policy/documents/canonical';
import { toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { ProfileDraft } from '@gatehouse/policy/documents/profile';

import { mutate } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { parseInput, ServiceError } from '../../errors.ts';
import { lockProfile, listProfileSiteIds } from '../require-profile.ts';
import { diffDrafts, getSettingsByKey } from './draft-changes.ts';
import { joinDraft, type JoinedEntry } from './join-draft.ts';
import { isOwnProblem } from './problem.ts';
import { refuseCollisions, refuseProblems } from './refuse-draft.ts';

export const SaveDraft = z.strictObject({
  profileId: z.uuid(),
  draft: ProfileDraft,
  /** `draftUpdatedAt` that the editor started from: with it, a save over someone else's is refused */
  basedOn: z.date().optional(),
});
export type SaveDraft = z.input<typeof SaveDraft>;

/**
 * Stores the draft; what is served does not change. What clients would refuse under its server's name gets one that they take. Throws NameCollisionError when two tools would be shown under one name, `invalid` for
 * argument rules or names that cannot be, and `precondition` when something newly selected is not approved or not reachable at every
 * site. What was selected before and has since been held stays selected; publishing refuses it.
 */
export async function saveDraft({ ctx, input }: { ctx: ServiceContext; input: SaveDraft }): Promise<{ draftUpdatedAt: Date }> {
  authorize(ctx, 'profile.edit');
  const { profileId, draft: wanted, basedOn } = parseInput(SaveDraft, input);
  const { tenantId } = ctx;

  return mutate(ctx, async ({ tx, audit, signal, reportUnchanged }) => {
    const profile = await lockProfile(tx, tenantId, profileId);
    if (basedOn && basedOn.getTime() !== profile.draftUpdatedAt.getTime()) {
      throw new ServiceError('conflict', 'Someone else has changed this draft. Reload it and make your change again.');
    }
    const before = ProfileDraft.parse(profile.draft);
    const draft = nameForClients(wanted, before);
    if (toCanonicalJson(before) === toCanonicalJson(draft)) {
      reportUnchanged();
      return { draftUpdatedAt: profile.draftUpdatedAt };
    }
    const now = ctx.runtime.now();
    const joined = await joinDraft(tx, ctx, draft, await listProfileSiteIds(tx, tenantId, profileId));
    refuseCollisions(joined);
    refuseProblems(listNewlyChosen(joined, getSettingsByKey(before), getSettingsByKey(draft)));

    await tx.profile.update({ where: { tenantId_id: { tenantId, id: profileId } }, data: { draft, draftUpdatedAt: now } });
    await audit({ action: 'profile.save_draft', entityType: 'profile', entityId: profileId, after: diffDrafts(before, draft) });
    signal('profile', profileId);
    return { draftUpdatedAt: now };
  });
}

/** What was shown under its own name before goes on like that: a client knows it by it. */
function nameForClients(draft: ProfileDraft, before: ProfileDraft): ProfileDraft {
  const shown = new Set(before.entries.filter((entry) => 'rename' in entry && entry.rename === null).map(toServerEntryKey));
  return { ...draft, entries: withSuggestedNames(draft.entries, (entry) => shown.has(toServerEntryKey(entry))) };
}

/** What was selected before may stay with a problem that came from outside, and with one of its own while nothing of it is edited. */
function listNewlyChosen(
  joined: readonly JoinedEntry[],
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): JoinedEntry[] {
  return joined.filter((entry) => {
    const key = toServerEntryKey(entry);
    if (!before.has(key)) return true;
    return entry.problem !== null && isOwnProblem(entry.problem) && before.get(key) !== after.get(key);
  });
}
