import type { z } from 'zod';

import type { Profile } from '@gatehouse/db/client';
import { putAside } from '@gatehouse/policy/curation/set-aside';
import { toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { ProfileDraft } from '@gatehouse/policy/documents/profile';
import { Sha256 } from '@gatehouse/policy/documents/sha256';

import { mutate, type Mutation } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { parseInput } from '../../errors.ts';
import { prepareVersion, type PublishedVersion, storeVersion } from '../publish/write-version.ts';
import { lockProfile } from '../require-profile.ts';
import { buildRollBack, type RollBack } from './build-roll-back.ts';
import { VersionRef } from './require-version.ts';

export const RollBackProfile = VersionRef.extend({
  /** `contentHash` of the preview that was looked at */
  expected: Sha256,
});
export type RollBackProfile = z.input<typeof RollBackProfile>;

/**
 * Publishes the choices of an earlier version as a new one; the versions between stay in the history. What cannot be used any more is left out, as the
 * preview said. A draft without changes of its own follows, so that the next publish does not bring back what was rolled back. Throws as
 * `previewRollBack`, and `conflict` when it is not what was looked at.
 */
export async function rollBackProfile({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: RollBackProfile;
}): Promise<PublishedVersion & { isDraftKept: boolean }> {
  authorize(ctx, 'profile.publish');
  const { profileId, version, expected } = parseInput(RollBackProfile, input);
  return mutate(ctx, async (mutation) => {
    const { tx, audit } = mutation;
    const profile = await lockProfile(tx, ctx.tenantId, profileId);
    const made = await buildRollBack(tx, ctx, profile, version);
    const { document, siteIds, isDraftKept } = made;
    const due = await prepareVersion(tx, ctx, profile, { document, siteIds, expected, rolledBackTo: version });
    await audit(due.act);
    const published = await storeVersion(mutation, ctx, due);
    if (!isDraftKept) await followWithDraft(mutation, ctx, profile, made);
    return { ...published, isDraftKept };
  });
}

/** What was left out is remembered with all that was chosen for it, as is what the draft had beside. */
async function followWithDraft(
  { tx }: Mutation,
  { tenantId, runtime }: ServiceContext,
  { id, draft: stored }: Profile,
  { draft, document }: RollBack,
): Promise<void> {
  const before = ProfileDraft.parse(stored);
  const served = new Set(document.entries.map(toServerEntryKey));
  const entries = draft.entries.filter((entry) => served.has(toServerEntryKey(entry)));
  const next = { ...draft, entries, setAside: putAside(entries, before.entries, draft.entries, before.setAside) };
  const { name, description } = document;
  await tx.profile.update({
    where: { tenantId_id: { tenantId, id } },
    data: {
      name,
      description,
      revision: { increment: 1 },
      draft: next,
      draftRevision: { increment: 1 },
      draftUpdatedAt: runtime.now(),
    },
  });
}
