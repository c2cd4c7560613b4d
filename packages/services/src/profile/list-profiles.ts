import type { TenantTx } from '@gatehouse/db/tenant';
import { countByKind, type EntryCounts } from '@gatehouse/policy/documents/entry-counts';
import { ProfileDraft } from '@gatehouse/policy/documents/profile';

import { read } from '../audit/mutate.ts';
import { authorize, isPermitted } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { listOfferedPins } from '../snapshot/offered-entries.ts';
import { toDraftKey, isDraftChanged } from './draft/draft-changes.ts';
import { createEndpointLister, type ProfileEndpoint } from './endpoints.ts';
import { getPublishedVersions } from './publish/published-versions.ts';

export interface ProfileListRow {
  id: string;
  slug: string;
  name: string;
  description: string;
  publishedVersion: number | null;
  publishedAt: Date | null;
  /** publishing it would make another version than the published one */
  draftChanged: boolean;
  disabled: boolean;
  /** in the draft; nothing for those who may only use the profile */
  selected: EntryCounts;
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
  const own = { membershipId: getActorId(actor) };
  return read(ctx, async (tx) => {
    const profiles = await tx.profile.findMany({
      where: { tenantId, ...(seesAll ? {} : { access: { some: own }, disabledAt: null, publishedVersion: { not: null } }) },
      orderBy: [{ name: 'asc' }, { id: 'asc' }],
      include: {
        sites: { select: { siteId: true } },
        access: { where: own, select: { membershipId: true } },
        _count: { select: { access: true } },
      },
    });
    const endpointsOf = await createEndpointLister(tx, tenantId);
    const published = await getPublishedVersions(
      tx,
      tenantId,
      profiles.map(({ id }) => id),
    );
    const drafts = profiles.map(({ draft, ...profile }) => ({ ...profile, draft: ProfileDraft.parse(draft) }));
    const pinOf = await getCurrentPins(tx, tenantId, drafts);
    return drafts.map((profile) => {
      const { audit, entries } = profile.draft;
      const current = entries.map((entry) => ({ ...entry, pin: pinOf.get(toDraftKey(entry)) ?? null }));
      const version = published.get(profile.id);
      return {
        id: profile.id,
        slug: profile.slug,
        name: profile.name,
        description: profile.description,
        publishedVersion: profile.publishedVersion,
        publishedAt: version?.publishedAt ?? null,
        draftChanged: isDraftChanged({ audit, entries: current }, version?.document),
        disabled: profile.disabledAt !== null,
        selected: countByKind(seesAll ? entries : []),
        peopleCount: seesAll ? profile._count.access : 0,
        endpoints: endpointsOf({ slug: profile.slug, siteIds: profile.sites.map(({ siteId }) => siteId) }),
        hasAccess: profile.access.length > 0,
      };
    });
  });
}

/** Pins of what the drafts select, as the servers offer it now, by `toDraftKey`. */
async function getCurrentPins(
  tx: TenantTx,
  tenantId: string,
  drafts: readonly { draft: ProfileDraft }[],
): Promise<ReadonlyMap<string, string>> {
  const entries = drafts.flatMap(({ draft }) => draft.entries);
  const serverIds = [...new Set(entries.map(({ serverId }) => serverId))];
  const names = [...new Set(entries.map(({ name }) => name))];
  const offered = await listOfferedPins(tx, { tenantId, serverIds, names });
  return new Map(offered.map((entry) => [toDraftKey(entry), entry.pin]));
}
