import { z } from 'zod';

import { Sha256 } from '@gatehouse/policy/documents/sha256';

import { mutate } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { parseInput } from '../../errors.ts';
import { type SettledVersion, settleVersion, weighVersion } from '../consent/settle-version.ts';
import { lockProfile } from '../require-profile.ts';
import { buildDraftVersion } from './build-draft-version.ts';

export const PublishProfile = z.strictObject({
  profileId: z.uuid(),
  /** `contentHash` of the preview that was looked at: with it, anything else than what was seen is refused */
  expected: Sha256.optional(),
});
export type PublishProfile = z.input<typeof PublishProfile>;

/**
 * Makes a version of the draft, joined with what is approved at this moment, and the signed snapshots of all its sites, in one
 * transaction; whoever asked for it is answered. Where the owner of the profile has to agree first, it waits for `consentPublish` instead. Throws
 * `precondition` when a selected tool is not approved or not reachable everywhere, `conflict` when the draft is not the one that was previewed, is what is
 * served already, or waits already.
 */
export async function publishProfile({ ctx, input }: { ctx: ServiceContext; input: PublishProfile }): Promise<SettledVersion> {
  authorize(ctx, 'profile.publish');
  const { profileId, expected } = parseInput(PublishProfile, input);
  return mutate(ctx, async (mutation) => {
    const { tx, audit } = mutation;
    const profile = await lockProfile(tx, ctx.tenantId, profileId);
    const wanted = await buildDraftVersion(tx, ctx, profile);
    const due = await weighVersion(tx, ctx, profile, { ...wanted, expected, rolledBackTo: null });
    await audit(due.act);
    return settleVersion(mutation, ctx, due);
  });
}
