import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { COUNT_PEOPLE } from '../group/list-groups.ts';
import { findPage, type ListPage, orderByIds, type SortKey } from '../list/find-page.ts';
import { buildListInput, buildSearchCondition } from '../list/list-input.ts';
import { requireProfile } from './require-profile.ts';

const SORTS = {
  name: { key: Prisma.sql`lower(g.name)`, type: 'text', direction: 'asc' },
  people: { key: COUNT_PEOPLE, type: 'number', direction: 'desc' },
  since: { key: Prisma.sql`a.granted_at`, type: 'time', direction: 'desc' },
} as const satisfies Record<string, SortKey>;

export const ListProfileGroups = z.strictObject({ ...buildListInput(['name', 'people', 'since']), profileId: z.uuid() });
export type ListProfileGroups = z.input<typeof ListProfileGroups>;

/** A group to which a profile was given. */
export interface ProfileGroupRow {
  id: string;
  name: string;
  people: number;
  grantedAt: Date;
}

/** The groups to which a profile was given, by name where nothing else is asked for. Throws `not_found`. */
export async function listProfileGroups({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: ListProfileGroups;
}): Promise<ListPage<ProfileGroupRow>> {
  authorize(ctx, 'profile.read');
  const { profileId, ...asked } = parseInput(ListProfileGroups, input);
  const { tenantId } = ctx;
  const from = Prisma.sql`profile_group a join person_group g on g.tenant_id = a.tenant_id and g.id = a.group_id`;
  const ofProfile = Prisma.sql`a.tenant_id = ${tenantId}::uuid and a.profile_id = ${profileId}::uuid`;
  return read(ctx, async (tx) => {
    await requireProfile(tx, tenantId, { profileId });
    const { ids, ...page } = await findPage(tx, {
      from,
      where: Prisma.sql`${ofProfile} ${buildSearchCondition([Prisma.sql`g.name`, Prisma.sql`g.description`], asked.search)}`,
      id: Prisma.sql`g.id`,
      sorts: SORTS,
      input: asked,
    });
    const found = await tx.$queryRaw<ProfileGroupRow[]>`
      select g.id, g.name, ${COUNT_PEOPLE}::int as people, a.granted_at as "grantedAt"
      from ${from} where ${ofProfile} and g.id = any(${ids}::uuid[])`;
    return { rows: orderByIds(ids, found, ({ id }) => id), ...page };
  });
}
