import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { countByKind } from '@gatehouse/policy/documents/entry-counts';

import { read } from '../audit/mutate.ts';
import { authorize, isPermitted } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { findPage, type ListPage, orderByIds, type SortKey } from '../list/find-page.ts';
import { buildListInput, buildSearchCondition, buildWhen } from '../list/list-input.ts';
import { type DraftState, getDraftStates } from './draft/draft-states.ts';
import { buildUsableBy, countPeople, EVERY_ACCESS } from './effective-access.ts';
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

export const ListProfiles = z
  .strictObject({
    ...buildListInput(['name', 'published', 'made']),
    /** true: those that were archived; false: the others; left out: both */
    archived: z.boolean().optional(),
    siteId: z.uuid().optional(),
    /** those that the one who asks may connect an AI client to now */
    own: z.boolean().default(false),
  })
  .prefault({});
export type ListProfiles = z.input<typeof ListProfiles>;

const SORTS = {
  name: { key: Prisma.sql`lower(p.name)`, type: 'text', direction: 'asc' },
  published: { key: Prisma.sql`coalesce(v.published_at, 'epoch')`, type: 'time', direction: 'desc' },
  made: { key: Prisma.sql`p.created_at`, type: 'time', direction: 'desc' },
} as const satisfies Record<string, SortKey>;

/** Profiles, by name where nothing else is asked for: of all for staff, for a member of those that the member may use. */
export async function listProfiles({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input?: ListProfiles;
}): Promise<ListPage<ProfileListRow>> {
  authorize(ctx, 'profile.use');
  const asked = parseInput(ListProfiles, input);
  const { tenantId, actor } = ctx;
  const seesAll = isPermitted(actor, 'profile.read');
  const now = ctx.runtime.now();
  const usable = buildUsableBy(getActorId(actor), now);
  return read(ctx, async (tx) => {
    const { ids, ...page } = await findProfiles(tx, ctx, { ...asked, own: asked.own || !seesAll });
    const profiles = await tx.profile.findMany({
      where: { tenantId, id: { in: ids } },
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
    const own = await tx.profile.findMany({ where: { AND: [{ tenantId, id: { in: ids } }, usable] }, select: { id: true } });
    const ownIds = new Set(own.map(({ id }) => id));
    const people = await countPeople(tx, { tenantId, now, profileIds: seesAll ? profiles.map(({ id }) => id) : [] });
    const states = await getDraftStates(tx, ctx, profiles);
    const rows = orderByIds(ids, profiles, ({ id }) => id).flatMap(
      ({ id, slug, name, description, publishedVersion, ...profile }) => {
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
      },
    );
    return { rows, ...page };
  });
}

function findProfiles(tx: TenantTx, { tenantId, actor, runtime }: ServiceContext, input: z.output<typeof ListProfiles>) {
  const { archived, siteId, own, search } = input;
  const usable = Prisma.sql`and p.disabled_at is null and p.published_version is not null and exists (select from ${EVERY_ACCESS} may
    where may.tenant_id = p.tenant_id and may.profile_id = p.id and may.membership_id = ${getActorId(actor)}::uuid
      and (may.until is null or may.until > ${runtime.now()}))`;
  return findPage(tx, {
    from: Prisma.sql`profile p left join profile_version v
      on v.tenant_id = p.tenant_id and v.profile_id = p.id and v.number = p.published_version`,
    where: Prisma.sql`p.tenant_id = ${tenantId}::uuid ${own ? usable : Prisma.empty}
      ${buildWhen(archived, (wanted) => Prisma.sql`(p.archived_at is not null) = ${wanted}`)}
      ${buildWhen(
        siteId,
        (wanted) => Prisma.sql`exists (select from profile_site there
          where there.tenant_id = p.tenant_id and there.profile_id = p.id and there.site_id = ${wanted}::uuid)`,
      )}
      ${buildSearchCondition([Prisma.sql`p.name`, Prisma.sql`p.slug`, Prisma.sql`p.description`], search)}`,
    id: Prisma.sql`p.id`,
    sorts: SORTS,
    input,
  });
}
