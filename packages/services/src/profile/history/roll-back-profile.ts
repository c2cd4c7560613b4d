import type { z } from 'zod';

import { Sha256 } from '@gatehouse/policy/documents/sha256';

import { mutate } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { parseInput } from '../../errors.ts';
import { type SettledVersion, settleVersion, weighVersion } from '../consent/settle-version.ts';
import { lockProfile } from '../require-profile.ts';
import { buildRollBack } from './build-roll-back.ts';
import { followWithDraft } from './follow-with-draft.ts';
import { VersionRef } from './require-version.ts';

export const RollBackProfile = VersionRef.extend({
  /** `contentHash` of the preview that was looked at */
  expected: Sha256,
});
export type RollBackProfile = z.input<typeof RollBackProfile>;

/**
 * Publishes the choices of an earlier version as a new one; the versions between stay in the history. What cannot be used any more is left out, as the
 * preview said. A draft without changes of its own follows, so that the next publish does not bring back what was rolled back. Where the owner of the profile
 * has to agree first, it waits for `consentPublish` instead. Throws as `previewRollBack`, and `conflict` when it is not what was looked at or waits already.
 */
export async function rollBackProfile({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: RollBackProfile;
}): Promise<SettledVersion & { isDraftKept: boolean }> {
  authorize(ctx, 'profile.publish');
  const { profileId, version, expected } = parseInput(RollBackProfile, input);
  return mutate(ctx, async (mutation) => {
    const { tx, audit } = mutation;
    const profile = await lockProfile(tx, ctx.tenantId, profileId);
    const made = await buildRollBack(tx, ctx, profile, version);
    const { document, siteIds, isDraftKept } = made;
    const due = await weighVersion(tx, ctx, profile, { document, siteIds, expected, rolledBackTo: version });
    await audit(due.act);
    const settled = await settleVersion(mutation, ctx, due);
    if (settled.asks === null) await followWithDraft(mutation, ctx, profile, made);
    return { ...settled, isDraftKept };
  });
}
