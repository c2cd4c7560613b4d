import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { createEndpointLister, type ProfileEndpoint } from './endpoints.ts';
import { listProfileSiteIds, ProfileRef, requireVisibleProfile } from './require-profile.ts';

export const ListEndpoints = ProfileRef;
export type ListEndpoints = ProfileRef;

/** Where AI clients reach one profile, by site: all that its page shows of what agents report. Throws `not_found`, as `getProfile` does. */
export async function listEndpoints({ ctx, input }: { ctx: ServiceContext; input: ListEndpoints }): Promise<ProfileEndpoint[]> {
  authorize(ctx, 'profile.use');
  const ref = parseInput(ListEndpoints, input);
  return read(ctx, async (tx) => {
    const { profile } = await requireVisibleProfile(tx, ctx, ref);
    const siteIds = await listProfileSiteIds(tx, ctx.tenantId, profile.id);
    const endpointsOf = await createEndpointLister(tx, { tenantId: ctx.tenantId, now: ctx.runtime.now(), siteIds });
    return endpointsOf({ slug: profile.slug, siteIds });
  });
}
