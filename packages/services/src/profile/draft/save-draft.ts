import { z } from 'zod';

import type { Profile } from '@gatehouse/db/client';
import { withSuggestedNames } from '@gatehouse/policy/compile/suggested-name';
import { putAside } from '@gatehouse/policy/curation/set-aside';
import { toCanonicalJson } from '@gatehouse/policy/documents/canonical';
import { toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { ProfileDraft } from '@gatehouse/policy/documents/profile';

import { mutate } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { type Edit, countEdit, SeenRevision } from '../../edit-lock.ts';
import { createNotFoundError, parseInput } from '../../errors.ts';
import { lockProfile, listProfileSiteIds } from '../require-profile.ts';
import { diffDrafts, getSettingsByKey } from './draft-changes.ts';
import { joinDraft, type JoinedEntry } from './join-draft.ts';
import { isOwnProblem } from './problem.ts';
import { refuseCollisions, refuseProblems } from './refuse-draft.ts';

export const SaveDraft = z.strictObject({
  profileId: z.uuid(),
  draft: ProfileDraft,
  /** `revision` of the draft that the editor started from: with it, a save over someone else's is refused */
  revision: SeenRevision.optional(),
});
export type SaveDraft = z.input<typeof SaveDraft>;

/** A draft as it stands now. */
export interface SavedDraft {
  revision: number;
  updatedAt: Date;
}

/**
 * Stores the draft; what is served does not change. What clients would refuse under its server's name gets one that they take, and what is taken out is
 * remembered with all that was chosen for it. Throws EditConflictError when somebody else was first, NameCollisionError when two tools would be shown
 * under one name, `invalid` for argument rules or names that cannot be, and `precondition` when something newly selected is not approved or not
 * reachable at every site. What was selected before and has since been held stays selected; publishing refuses it.
 */
export async function saveDraft({ ctx, input }: { ctx: ServiceContext; input: SaveDraft }): Promise<SavedDraft> {
  authorize(ctx, 'profile.edit');
  const { profileId, draft: wanted, revision: seen } = parseInput(SaveDraft, input);
  const { tenantId } = ctx;

  return mutate(ctx, async ({ tx, audit, signal, reportUnchanged }) => {
    const profile = await lockProfile(tx, tenantId, profileId);
    const before = ProfileDraft.parse(profile.draft);
    const draft = keepSetAside(nameForClients(wanted, before), before);
    if (toCanonicalJson(before) === toCanonicalJson(draft)) {
      reportUnchanged();
      return { revision: profile.draftRevision, updatedAt: profile.draftUpdatedAt };
    }
    const revision = await countEdit(tx, ctx, toDraftEdit(profile, seen));
    const joined = await joinDraft(tx, ctx, draft, await listProfileSiteIds(tx, tenantId, profileId));
    const chosen = listNewlyChosen(joined, getSettingsByKey(before), getSettingsByKey(draft));
    if (chosen.some(({ problem }) => problem?.code === 'server_deleted')) throw createNotFoundError('server');
    refuseCollisions(joined);
    refuseProblems(chosen);

    const updatedAt = ctx.runtime.now();
    await tx.profile.update({ where: { tenantId_id: { tenantId, id: profileId } }, data: { draft, draftUpdatedAt: updatedAt } });
    await audit({ action: 'profile.save_draft', entityType: 'profile', entityId: profileId, after: diffDrafts(before, draft) });
    signal('profile', profileId);
    return { revision, updatedAt };
  });
}

/** An edit of the draft by somebody who saw this revision of it; of whoever says nothing, that of now. */
export function toDraftEdit(
  { id, draft, draftRevision }: Pick<Profile, 'id' | 'draft' | 'draftRevision'>,
  seen = draftRevision,
): Edit<{ draft: ProfileDraft }> {
  const actions = ['profile.save_draft', 'profile.start_draft', 'profile.publish'];
  const readPresent = () => ({ draft: ProfileDraft.parse(draft) });
  return { kind: 'profile', column: 'draft_revision', noun: 'draft', id, seen, actions, readPresent };
}

/** What is taken out is remembered, also when whoever saves it did not say so. */
function keepSetAside(draft: ProfileDraft, before: ProfileDraft): ProfileDraft {
  return { ...draft, setAside: putAside(draft.entries, draft.setAside, before.entries, before.setAside) };
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
