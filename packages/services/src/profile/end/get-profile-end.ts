import { z } from 'zod';

import { read } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { parseInput } from '../../errors.ts';
import { createEndpointLister, type ProfileEndpoint } from '../endpoints.ts';
import { listProfileSiteIds, requireProfile } from '../require-profile.ts';
import { countDependents, describeDependents, type ProfileDependents } from './profile-dependents.ts';

export const GetProfileEnd = z.strictObject({ profileId: z.uuid() });
export type GetProfileEnd = z.input<typeof GetProfileEnd>;

/** What stops when a profile is archived, and what keeps it from being deleted. */
export interface ProfileEnd extends ProfileDependents {
  endpoints: ProfileEndpoint[];
  /** why it cannot be deleted, beyond being in use; null: nothing depends on it */
  dependents: string | null;
}

/** Looked at before a profile is archived or deleted. Throws `not_found`. */
export async function getProfileEnd({ ctx, input }: { ctx: ServiceContext; input: GetProfileEnd }): Promise<ProfileEnd> {
  authorize(ctx, 'profile.publish');
  const { profileId } = parseInput(GetProfileEnd, input);
  const { tenantId, runtime } = ctx;
  return read(ctx, async (tx) => {
    const { slug } = await requireProfile(tx, tenantId, { profileId });
    const siteIds = await listProfileSiteIds(tx, tenantId, profileId);
    const endpointsOf = await createEndpointLister(tx, { tenantId, now: runtime.now(), siteIds });
    const counted = await countDependents(tx, ctx, profileId);
    return { ...counted, endpoints: endpointsOf({ slug, siteIds }), dependents: describeDependents(counted) };
  });
}
