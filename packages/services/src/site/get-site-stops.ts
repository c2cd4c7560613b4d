import { Prisma } from '@gatehouse/db/client';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { listStops, queryStops, type Stop, WhatStopsOf } from '../list/what-stops.ts';

/** Which join tokens would end with these sites, which are deleted only when nothing else is there. */
export async function getSiteStops({ ctx, input }: { ctx: ServiceContext; input: WhatStopsOf }): Promise<Stop[]> {
  authorize(ctx, 'site.manage');
  const { ids } = parseInput(WhatStopsOf, input);
  const tokens = queryStops(
    'joinToken',
    { id: Prisma.sql`t.id`, name: Prisma.sql`t.agent_name` },
    Prisma.sql`from join_token t where t.tenant_id = ${ctx.tenantId}::uuid and t.site_id = any(${ids}::uuid[])
      and t.used_at is null and t.revoked_at is null and t.expires_at > ${ctx.runtime.now()}::timestamptz`,
  );
  return read(ctx, async (tx) => listStops(tx, [tokens]));
}
