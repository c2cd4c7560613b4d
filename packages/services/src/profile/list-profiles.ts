import { ProfileDraft } from '@gatehouse/policy/documents/profile';

import { read } from '../audit/mutate.ts';
import { authorize, isPermitted } from '../authz.ts';
import { actorId, type ServiceContext } from '../context.ts';
import { endpointMaker, type ProfileEndpoint } from './endpoints.ts';

export interface ProfileListRow {
  id: string;
  slug: string;
  name: string;
  description: string;
  publishedVersion: number | null;
  publishedAt: Date | null;
  /** the draft was saved after the last publish */
  draftChanged: boolean;
  disabled: boolean;
  /** tools selected in the draft; 0 for those who may only use the profile */
  toolCount: number;
  /** other entries selected in the draft */
  itemCount: number;
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
  const own = { membershipId: actorId(actor) };
  return read(ctx, async (tx) => {
    const profiles = await tx.profile.findMany({
      where: { tenantId, ...(seesAll ? {} : { access: { some: own }, disabledAt: null, publishedVersion: { not: null } }) },
      orderBy: [{ name: 'asc' }, { id: 'asc' }],
      include: {
        sites: { select: { siteId: true } },
        access: { where: own, select: { membershipId: true } },
        versions: { orderBy: { number: 'desc' }, take: 1, select: { publishedAt: true } },
        _count: { select: { access: true } },
      },
    });
    const endpointsOf = await endpointMaker(tx, tenantId);
    return profiles.map((profile) => {
      const { entries } = ProfileDraft.parse(profile.draft);
      const toolCount = entries.filter(({ kind }) => kind === 'tool').length;
      const publishedAt = profile.versions[0]?.publishedAt ?? null;
      return {
        id: profile.id,
        slug: profile.slug,
        name: profile.name,
        description: profile.description,
        publishedVersion: profile.publishedVersion,
        publishedAt,
        draftChanged: publishedAt === null || profile.draftUpdatedAt > publishedAt,
        disabled: profile.disabledAt !== null,
        toolCount: seesAll ? toolCount : 0,
        itemCount: seesAll ? entries.length - toolCount : 0,
        peopleCount: seesAll ? profile._count.access : 0,
        endpoints: endpointsOf({ slug: profile.slug, siteIds: profile.sites.map(({ siteId }) => siteId) }),
        hasAccess: profile.access.length > 0,
      };
    });
  });
}
