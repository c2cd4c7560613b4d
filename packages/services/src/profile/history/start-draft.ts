import type { z } from 'zod';

import { putAside } from '@gatehouse/policy/curation/set-aside';
import { toCanonicalJson } from '@gatehouse/policy/documents/canonical';
import { toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { ProfileDraft } from '@gatehouse/policy/documents/profile';

import { mutate } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { countEdit, SeenRevision } from '../../edit-lock.ts';
import { parseInput, ServiceError } from '../../errors.ts';
import { diffDrafts } from '../draft/draft-changes.ts';
import { joinDraft } from '../draft/join-draft.ts';
import { listSelectionProblems, type SelectionProblem } from '../draft/refuse-draft.ts';
import { type SavedDraft, toDraftEdit } from '../draft/save-draft.ts';
import { listProfileSiteIds, lockProfile } from '../require-profile.ts';
import { requireVersion, VersionRef } from './require-version.ts';
import { toVersionDraft } from './version-draft.ts';

export const StartDraft = VersionRef.extend({
  /** `revision` of the draft that is to be replaced */
  revision: SeenRevision,
});
export type StartDraft = z.input<typeof StartDraft>;

export interface StartedDraft extends SavedDraft {
  /** what was chosen in the version and cannot be selected now, each with the reason */
  leftOut: SelectionProblem[];
}

/**
 * Replaces the draft by the choices of a version; what is served does not change. What was chosen for entries that go is remembered. Throws
 * EditConflictError when somebody changed the draft meanwhile, `not_found`, and `precondition` when nothing of the version can be selected.
 */
export async function startDraft({ ctx, input }: { ctx: ServiceContext; input: StartDraft }): Promise<StartedDraft> {
  authorize(ctx, 'profile.edit');
  const { profileId, version, revision: seen } = parseInput(StartDraft, input);
  const { tenantId } = ctx;
  return mutate(ctx, async ({ tx, audit, signal, reportUnchanged }) => {
    const profile = await lockProfile(tx, tenantId, profileId);
    const wanted = toVersionDraft(await requireVersion(tx, tenantId, { profileId, version }));
    const joined = await joinDraft(tx, ctx, wanted, await listProfileSiteIds(tx, tenantId, profileId));
    const leftOut = listSelectionProblems(joined);
    const usable = new Set(joined.filter(({ problem }) => problem === null).map(toServerEntryKey));
    const entries = wanted.entries.filter((entry) => usable.has(toServerEntryKey(entry)));
    if (entries.length === 0 && leftOut[0]) {
      throw new ServiceError('precondition', `Nothing of version ${version} can be selected now: ${leftOut[0].text}.`);
    }
    const before = ProfileDraft.parse(profile.draft);
    const setAside = putAside(entries, before.entries, wanted.entries, before.setAside);
    const draft = { ...wanted, entries, setAside };
    if (toCanonicalJson(draft) === toCanonicalJson(before)) {
      reportUnchanged();
      return { revision: profile.draftRevision, updatedAt: profile.draftUpdatedAt, leftOut };
    }
    const revision = await countEdit(tx, ctx, toDraftEdit(profile, seen));
    const updatedAt = ctx.runtime.now();
    await tx.profile.update({ where: { tenantId_id: { tenantId, id: profileId } }, data: { draft, draftUpdatedAt: updatedAt } });
    const after = { version, ...diffDrafts(before, draft) };
    await audit({ action: 'profile.start_draft', entityType: 'profile', entityId: profileId, after });
    signal('profile', profileId);
    return { revision, updatedAt, leftOut };
  });
}
