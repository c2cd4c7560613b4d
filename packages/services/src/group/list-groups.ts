import { z } from 'zod';

import type { GroupSource, Prisma } from '@gatehouse/db/client';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { cutPage, type Page, readCursor } from '../cursor.ts';
import { parseInput } from '../errors.ts';

const Position = z.tuple([z.string(), z.uuid()]);

export const ListGroups = z.object({
  /** part of a name or description, in whatever case */
  search: z.string().trim().max(200).optional(),
  /** `nextCursor` of the page before */
  cursor: z.string().max(1_000).optional(),
  limit: z.int().min(1).max(200).default(50),
});
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

/** One page of the groups by name, and how many there are with what is searched for. */
export async function listGroups({
  ctx,
  input = {},
}: {
  ctx: ServiceContext;
  input?: ListGroups;
}): Promise<Page<GroupRow> & { total: number }> {
  authorize(ctx, 'group.read');
  const { search = '', cursor, limit } = parseInput(ListGroups, input);
  const { tenantId } = ctx;
  const [name, id] = cursor === undefined ? [] : readCursor(Position, cursor);
  const contains = { contains: search, mode: 'insensitive' } as const;
  const where: Prisma.PersonGroupWhereInput = {
    tenantId,
    ...(search === '' ? {} : { OR: [{ name: contains }, { description: contains }] }),
  };
  return read(ctx, async (tx) => {
    const found = await tx.personGroup.findMany({
      where: { AND: [where, name === undefined ? {} : { OR: [{ name: { gt: name } }, { name, id: { gt: id } }] }] },
      orderBy: [{ name: 'asc' }, { id: 'asc' }],
      take: limit + 1,
      select: {
        id: true,
        name: true,
        description: true,
        source: true,
        revision: true,
        _count: { select: { members: { where: { membership: { endedAt: null } } }, profiles: true } },
      },
    });
    const { page, nextCursor } = cutPage(found, limit, (group) => [group.name, group.id]);
    const rows = page.map(({ _count: { members: people, profiles }, ...group }) => ({ ...group, people, profiles }));
    return { rows, nextCursor, total: await tx.personGroup.count({ where }) };
  });
}
