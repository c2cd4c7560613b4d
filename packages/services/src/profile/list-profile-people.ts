import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { findPage, type ListPage, orderByIds, type SortKey } from '../list/find-page.ts';
import { buildListInput, buildSearchCondition } from '../list/list-input.ts';
import { getPersonNames, MEMBER_NAME } from '../person-names.ts';
import { requireProfile } from './require-profile.ts';

const SORTS = {
  // of who has left no account is seen any more
  name: { key: Prisma.sql`coalesce(lower(${MEMBER_NAME}), '')`, type: 'text', direction: 'asc' },
  since: { key: Prisma.sql`a.granted_at`, type: 'time', direction: 'desc' },
  until: { key: Prisma.sql`coalesce(a.until, '9999-01-01')`, type: 'time', direction: 'asc' },
} as const satisfies Record<string, SortKey>;

export const ListProfilePeople = z.strictObject({ ...buildListInput(['name', 'since', 'until']), profileId: z.uuid() });
export type ListProfilePeople = z.input<typeof ListProfilePeople>;

/** Somebody to whom a profile was given by name. */
export interface ProfilePerson {
  membershipId: string;
  name: string;
  email: string | null;
  grantedAt: Date;
  /** when it ends or ended by itself; null: it has no end */
  until: Date | null;
}

/** To whom a profile was given by name, by that name where nothing else is asked for. Throws `not_found`. */
export async function listProfilePeople({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: ListProfilePeople;
}): Promise<ListPage<ProfilePerson>> {
  authorize(ctx, 'profile.read');
  const { profileId, ...asked } = parseInput(ListProfilePeople, input);
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    await requireProfile(tx, tenantId, { profileId });
    const { ids, ...page } = await findPage(tx, {
      from: Prisma.sql`profile_access a join membership m on m.tenant_id = a.tenant_id and m.id = a.membership_id
        left join "user" u on u.id = m.user_id`,
      where: Prisma.sql`a.tenant_id = ${tenantId}::uuid and a.profile_id = ${profileId}::uuid
        ${buildSearchCondition([MEMBER_NAME, Prisma.sql`m.email`], asked.search)}`,
      id: Prisma.sql`a.membership_id`,
      sorts: SORTS,
      input: asked,
    });
    const found = await tx.profileAccess.findMany({
      where: { tenantId, profileId, membershipId: { in: ids } },
      select: { membershipId: true, grantedAt: true, until: true },
    });
    const people = await getPersonNames(tx, tenantId, ids);
    const rows = orderByIds(ids, found, ({ membershipId }) => membershipId).map((row) => {
      const { name, email } = people.get(row.membershipId);
      return { ...row, name, email };
    });
    return { rows, ...page };
  });
}
