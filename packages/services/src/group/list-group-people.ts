import { z } from 'zod';

import { Prisma, type Role } from '@gatehouse/db/client';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { findPage, type ListPage, orderByIds, type SortKey } from '../list/find-page.ts';
import { buildListInput, buildSearchCondition } from '../list/list-input.ts';
import { MEMBER_NAME } from '../person-names.ts';
import { requireGroup } from './require-group.ts';

const SORTS = {
  name: { key: Prisma.sql`lower(${MEMBER_NAME})`, type: 'text', direction: 'asc' },
  email: { key: Prisma.sql`m.email`, type: 'text', direction: 'asc' },
  since: { key: Prisma.sql`coalesce(gm.added_at, 'epoch')`, type: 'time', direction: 'desc' },
} as const satisfies Record<string, SortKey>;

export const ListGroupPeople = z.strictObject({
  ...buildListInput(['name', 'email', 'since']),
  groupId: z.uuid(),
  /** who is in it, or who of the workspace is not */
  of: z.enum(['inside', 'outside']).default('inside'),
});
export type ListGroupPeople = z.input<typeof ListGroupPeople>;

export interface GroupPerson {
  membershipId: string;
  name: string;
  email: string;
  role: Role;
  /** null for who is not in it */
  addedAt: Date | null;
}

/** The people of a group, or those of the workspace who are not in it, by name where nothing else is asked for. Throws `not_found`. */
export async function listGroupPeople({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: ListGroupPeople;
}): Promise<ListPage<GroupPerson>> {
  authorize(ctx, 'group.read');
  const { groupId, of, ...asked } = parseInput(ListGroupPeople, input);
  const { tenantId } = ctx;
  const isInside = of === 'inside';
  const joined = isInside ? Prisma.sql`join` : Prisma.sql`left join`;
  const from = Prisma.sql`membership m join "user" u on u.id = m.user_id
    ${joined} group_member gm on gm.tenant_id = m.tenant_id and gm.membership_id = m.id and gm.group_id = ${groupId}::uuid`;
  return read(ctx, async (tx) => {
    await requireGroup(tx, tenantId, groupId);
    const { ids, ...page } = await findPage(tx, {
      from,
      where: Prisma.sql`m.tenant_id = ${tenantId}::uuid and m.ended_at is null ${isInside ? Prisma.empty : Prisma.sql`and gm.group_id is null`}
        ${buildSearchCondition([MEMBER_NAME, Prisma.sql`m.email`], asked.search)}`,
      id: Prisma.sql`m.id`,
      sorts: SORTS,
      input: asked,
    });
    const found = await tx.$queryRaw<GroupPerson[]>`
      select m.id as "membershipId", ${MEMBER_NAME} as name, m.email, m.role::text as role, gm.added_at as "addedAt"
      from ${from} where m.tenant_id = ${tenantId}::uuid and m.id = any(${ids}::uuid[])`;
    return { rows: orderByIds(ids, found, ({ membershipId }) => membershipId), ...page };
  });
}
