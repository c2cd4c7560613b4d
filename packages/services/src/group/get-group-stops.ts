import { Prisma } from '@gatehouse/db/client';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { listStops, queryStops, type Stop, WhatStopsOf } from '../list/what-stops.ts';
import { MEMBER_NAME } from '../person-names.ts';

/** Who is in these groups, which are deleted only when they have, own and decide nothing. */
export async function getGroupStops({ ctx, input }: { ctx: ServiceContext; input: WhatStopsOf }): Promise<Stop[]> {
  authorize(ctx, 'group.manage');
  const { ids } = parseInput(WhatStopsOf, input);
  const people = queryStops(
    'leaver',
    { id: Prisma.sql`m.id`, name: MEMBER_NAME },
    Prisma.sql`from membership m left join "user" u on u.id = m.user_id
      where m.tenant_id = ${ctx.tenantId}::uuid and m.ended_at is null and exists (
        select from group_member gm where gm.tenant_id = m.tenant_id and gm.membership_id = m.id and gm.group_id = any(${ids}::uuid[]))`,
  );
  return read(ctx, async (tx) => listStops(tx, [people]));
}
