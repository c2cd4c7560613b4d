import { Prisma } from '@gatehouse/db/client';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { listStops, queryStops, type Stop, type StopKind, WhatStopsOf } from '../list/what-stops.ts';
import { buildIsHeard } from './status.ts';

/**
 * What would stop being served, what goes on by another agent of the site that is heard of, and what would be lost, were these agents revoked together.
 * Who is unknown or revoked adds nothing.
 */
export async function getAgentStops({ ctx, input }: { ctx: ServiceContext; input: WhatStopsOf }): Promise<Stop[]> {
  authorize(ctx, 'agent.manage');
  const { ids } = parseInput(WhatStopsOf, input);
  const tenant = Prisma.sql`${ctx.tenantId}::uuid`;
  const heard = buildIsHeard(ctx.runtime.now());
  const theirs = Prisma.sql`a.tenant_id = ${tenant} and a.id = any(${ids}::uuid[]) and a.revoked_at is null`;
  const isServed = Prisma.sql`exists (
    select from agent a where a.tenant_id = s.tenant_id and a.site_id = s.id and not a.id = any(${ids}::uuid[]) and ${heard})`;
  const queryEndpoints = (kind: StopKind, which: Prisma.Sql): Prisma.Sql =>
    queryStops(
      kind,
      { id: Prisma.sql`s.id::text || '/' || p.id`, name: Prisma.sql`p.name`, slug: Prisma.sql`p.slug`, of: Prisma.sql`s.name` },
      Prisma.sql`from site s join profile_site ps on ps.tenant_id = s.tenant_id and ps.site_id = s.id
        join profile p on p.tenant_id = ps.tenant_id and p.id = ps.profile_id and p.published_version is not null and p.disabled_at is null
        where s.tenant_id = ${tenant} and s.id in (select a.site_id from agent a where ${theirs}) and ${which}`,
    );
  const queryAgents = (kind: StopKind, count: Prisma.Sql, which: Prisma.Sql): Prisma.Sql =>
    queryStops(
      kind,
      { id: Prisma.sql`a.id`, name: Prisma.sql`a.name`, count },
      Prisma.sql`from agent a where ${theirs} and ${which}`,
    );
  return read(ctx, async (tx) =>
    listStops(tx, [
      queryEndpoints('unserved', Prisma.sql`not ${isServed}`),
      queryEndpoints('servedElsewhere', isServed),
      queryAgents('session', Prisma.sql`a.open_sessions`, Prisma.sql`a.open_sessions > 0 and ${heard}`),
      queryAgents('unsent', Prisma.sql`a.buffered_receipts`, Prisma.sql`a.buffered_receipts > 0`),
    ]),
  );
}
