import { z } from 'zod';

import { type GroupSource, Prisma } from '@gatehouse/db/client';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { findPage, type ListPage, orderByIds, type SortKey } from '../list/find-page.ts';
import { buildListInput, buildSearchCondition, buildWhen } from '../list/list-input.ts';

/** How many people are in the group `g`. */
export const COUNT_PEOPLE = Prisma.sql`(select count(*) from group_member gm join membership m on m.tenant_id = gm.tenant_id and m.id = gm.membership_id
  where gm.tenant_id = g.tenant_id and gm.group_id = g.id and m.ended_at is null)`;

const SORTS = {
  name: { key: Prisma.sql`lower(g.name)`, type: 'text', direction: 'asc' },
  people: { key: COUNT_PEOPLE, type: 'number', direction: 'desc' },
  made: { key: Prisma.sql`g.created_at`, type: 'time', direction: 'desc' },
} as const satisfies Record<string, SortKey>;

export const ListGroups = z
  .strictObject({
    ...buildListInput(['name', 'people', 'made']),
    /** those that have no access to this profile */
    withoutProfileId: z.uuid().optional(),
  })
  .prefault({});
export type ListGroups = z.input<typeof ListGroups>;

export interface GroupRow {
  id: string;
  name: string;
  description: string;
  source: GroupSource;
  people: number;
  profiles: number;
  /** that an edit of name and description is based on */
  revision: number;
}

/** The groups of the workspace, by name where nothing else is asked for. */
export async function listGroups({ ctx, input }: { ctx: ServiceContext; input?: ListGroups }): Promise<ListPage<GroupRow>> {
  authorize(ctx, 'group.read');
  const asked = parseInput(ListGroups, input);
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    const { ids, ...page } = await findPage(tx, {
      from: Prisma.sql`person_group g`,
      where: Prisma.sql`g.tenant_id = ${tenantId}::uuid
        ${buildWhen(
          asked.withoutProfileId,
          (profileId) => Prisma.sql`not exists (select from profile_group has
            where has.tenant_id = g.tenant_id and has.group_id = g.id and has.profile_id = ${profileId}::uuid)`,
        )}
        ${buildSearchCondition([Prisma.sql`g.name`, Prisma.sql`g.description`], asked.search)}`,
      id: Prisma.sql`g.id`,
      sorts: SORTS,
      input: asked,
    });
    const found = await tx.$queryRaw<GroupRow[]>`
      select g.id, g.name, g.description, g.source::text as source, g.revision, ${COUNT_PEOPLE}::int as people,
        (select count(*)::int from profile_group pg where pg.tenant_id = g.tenant_id and pg.group_id = g.id) as profiles
      from person_group g where g.tenant_id = ${tenantId}::uuid and g.id = any(${ids}::uuid[])`;
    return { rows: orderByIds(ids, found, ({ id }) => id), ...page };
  });
}
