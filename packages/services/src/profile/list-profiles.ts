import { countByKind } from '@gatehouse/policy/documents/entry-counts';

import { read } from '../audit/mutate.ts';
import { authorize, isPermitted } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { type DraftState, getDraftStates } from './draft/draft-states.ts';
import { buildUsableBy, countPeople } from './effective-access.ts';
import { createEndpointLister, type ProfileEndpoint } from './endpoints.ts';

/** `selected` counts nothing for those who may only use the profile. */
export interface ProfileListRow extends DraftState {
  id: string;
  slug: string;
  name: string;
  description: string;
  publishedVersion: number | null;
  disabled: boolean;
  archivedAt: Date | null;
  peopleCount: number;
  endpoints: ProfileEndpoint[];
  /** the one who asks may connect an AI client to it */
  hasAccess: boolean;
}

/** Profiles by name: all of them for staff, for a member the ones that the member may use. */
export async function listProfiles({ ctx }: { ctx: ServiceContext }): Promise<ProfileListRow[]> {
  authorize(ctx, 'profile.use');
  const { tenantId, actor } = ctx;
  const seesAll = isPermitted(actor, 'profile.read');
  const now = ctx.runtime.now();
  const usable = buildUsableBy(getActorId(actor), now);
  return read(ctx, async (tx) => {
    const profiles = await tx.profile.findMany({
      where: { tenantId, ...(seesAll ? {} : { ...usable, disabledAt: null, publishedVersion: { not: null } }) },
      orderBy: [{ name: 'asc' }, { id: 'asc' }],
      select: {
        id: true,
        slug: true,
        name: true,
        description: true,
        publishedVersion: true,
        disabledAt: true,
        archivedAt: true,
        draft: true,
        sites: { select: { siteId: true } },
      },
    });
    const endpointsOf = await createEndpointLister(tx, { tenantId, now });
    const own = await tx.profile.findMany({ where: { tenantId, ...usable }, select: { id: true } });
    const ownIds = new Set(own.map(({ id }) => id));
    const people = await countPeople(tx, { tenantId, now, profileIds: seesAll ? profiles.map(({ id }) => id) : [] });
    const states = await getDraftStates(tx, ctx, profiles);
    return profiles.flatMap(({ id, slug, name, description, publishedVersion, ...profile }) => {
      const state = states.get(id);
      if (!state) return [];
      return [
        {
          id,
          slug,
          name,
          description,
          publishedVersion,
          ...state,
          selected: seesAll ? state.selected : countByKind([]),
          disabled: profile.disabledAt !== null,
          archivedAt: profile.archivedAt,
          peopleCount: people.get(id),
          endpoints: endpointsOf({ slug, siteIds: profile.sites.map(({ siteId }) => siteId) }),
          hasAccess: ownIds.has(id),
        },
      ];
    });
  });
}
