import { hashContent } from '@gatehouse/policy/documents/content-hash';
import type { PublishedProfile } from '@gatehouse/policy/documents/profile';

import { read } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { parseInput } from '../../errors.ts';
import { countDependents, type ProfileDependents } from '../end/profile-dependents.ts';
import { requireProfile } from '../require-profile.ts';
import { buildRollBack, type RollBack } from './build-roll-back.ts';
import { getServerNames, VersionRef } from './require-version.ts';

export const PreviewRollBack = VersionRef;
export type PreviewRollBack = VersionRef;

/** What a person looks at before rolling back. */
export interface RollBackPreview extends Pick<RollBack, 'leftOut' | 'isDraftKept'> {
  /** what is served now */
  published: PublishedProfile;
  /** what would be served */
  document: PublishedProfile;
  /** by server id */
  serverNames: Record<string, string>;
  /** whose AI clients notice */
  people: ProfileDependents;
  /** to do exactly this: `expected` of rollBackProfile */
  contentHash: string;
}

/** What rolling a profile back to this version would change for its people, and what of the version cannot come back. Throws what rolling back would. */
export async function previewRollBack({ ctx, input }: { ctx: ServiceContext; input: PreviewRollBack }): Promise<RollBackPreview> {
  authorize(ctx, 'profile.publish');
  const { profileId, version } = parseInput(PreviewRollBack, input);
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    const profile = await requireProfile(tx, tenantId, { profileId });
    const { published, document, leftOut, isDraftKept } = await buildRollBack(tx, ctx, profile, version);
    return {
      published,
      document,
      leftOut,
      isDraftKept,
      serverNames: await getServerNames(tx, tenantId, [published, document]),
      people: await countDependents(tx, ctx, profileId),
      contentHash: hashContent(document),
    };
  });
}
