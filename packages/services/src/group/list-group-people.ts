import { z } from 'zod';

import { Prisma, type Role } from '@gatehouse/db/client';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { cutPage, type Page, readCursor } from '../cursor.ts';
import { parseInput } from '../errors.ts';
import { MEMBER_NAME } from '../person-names.ts';
import { requireGroup } from './require-group.ts';

const Position = z.tuple([z.string(), z.uuid()]);

export const ListGroupPeople = z.object({
  groupId: z.uuid(),
  /** who is in it, or who of the workspace is not */
  of: z.enum(['inside', 'outside']).default('inside'),
  /** part of a name or an address, in whatever case */
  search: z.string().trim().max(200).default(''),
  /** `nextCursor` of the page before */
  cursor: z.string().max(1_000).optional(),
  limit: z.int().min(1).max(200).default(50),
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

/** One page of the people of a group, or of those who are not in it, by name; and how many there are with what is searched for. Throws `not_found`. */
export async function listGroupPeople({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: ListGroupPeople;
}): Promise<Page<GroupPerson> & { total: number }> {
  authorize(ctx, 'group.read');
  const { groupId, of, search, cursor, limit } = parseInput(ListGroupPeople, input);
  const { tenantId } = ctx;
  const after = cursor === undefined ? null : readCursor(Position, cursor);
  const sought = search.toLowerCase();
  const people = Prisma.sql`
    from membership m
    join "user" u on u.id = m.user_id
    left join group_member gm on gm.tenant_id = m.tenant_id and gm.membership_id = m.id and gm.group_id = ${groupId}::uuid
    where m.tenant_id = ${tenantId}::uuid and m.ended_at is null and (gm.group_id is null) = ${of === 'outside'}
      and (strpos(lower(${MEMBER_NAME}), ${sought}) > 0 or strpos(lower(m.email), ${sought}) > 0)`;
  const next = after ? Prisma.sql`and (lower(${MEMBER_NAME}), m.id) > (${after[0]}, ${after[1]}::uuid)` : Prisma.empty;
  return read(ctx, async (tx) => {
    await requireGroup(tx, tenantId, groupId);
    const found = await tx.$queryRaw<(GroupPerson & { place: string })[]>`
      select m.id as "membershipId", ${MEMBER_NAME} as name, m.email, m.role::text as role, gm.added_at as "addedAt", lower(${MEMBER_NAME}) as place
      ${people} ${next}
      order by lower(${MEMBER_NAME}), m.id
      limit ${limit + 1}::int`;
    const [counted] = await tx.$queryRaw<{ total: number }[]>`select count(*)::int as total ${people}`;
    const { page, nextCursor } = cutPage(found, limit, ({ place, membershipId }) => [place, membershipId]);
    return { rows: page.map(({ place: _place, ...person }) => person), nextCursor, total: counted?.total ?? 0 };
  });
}
