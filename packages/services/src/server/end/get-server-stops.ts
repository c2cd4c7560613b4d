import { Prisma } from '@gatehouse/db/client';

import { read } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { parseInput } from '../../errors.ts';
import { listStops, queryStops, type Stop, WhatStopsOf } from '../../list/what-stops.ts';
import { MEMBER_NAME } from '../../person-names.ts';

/** What would stop, and who would notice, were these servers archived together. What is unknown or off already adds nothing. */
export async function getServerStops({ ctx, input }: { ctx: ServiceContext; input: WhatStopsOf }): Promise<Stop[]> {
  authorize(ctx, 'server.manage');
  const { ids } = parseInput(WhatStopsOf, input);
  const { tenantId, runtime } = ctx;
  const of: Of = { tenant: Prisma.sql`${tenantId}::uuid`, ids: Prisma.sql`any(${ids}::uuid[])` };
  return read(ctx, async (tx) =>
    listStops(tx, [queryServing(of), queryNaming(of), queryCallers(of, runtime.now()), queryCalled(of)]),
  );
}

interface Of {
  tenant: Prisma.Sql;
  /** what the id of one of them is equal to */
  ids: Prisma.Sql;
}

const NAMED = { id: Prisma.sql`p.id`, name: Prisma.sql`p.name`, slug: Prisma.sql`p.slug` };

/** Profiles `p` with each `entry` of one of the servers that they serve now. */
const buildServing = ({ tenant, ids }: Of): Prisma.Sql => Prisma.sql`profile p
  join profile_version v on v.tenant_id = p.tenant_id and v.profile_id = p.id and v.number = p.published_version
  cross join lateral jsonb_array_elements(v.document -> 'entries') entry
  join server s on s.tenant_id = p.tenant_id and s.id::text = entry ->> 'serverId' and s.disabled_at is null and s.id = ${ids}
  where p.tenant_id = ${tenant} and p.disabled_at is null`;

const queryServing = (of: Of): Prisma.Sql =>
  queryStops(
    'serving',
    { ...NAMED, count: Prisma.sql`count(*)` },
    Prisma.sql`from ${buildServing(of)} group by p.id, p.name, p.slug`,
  );

/** By their draft, or while they are off. */
function queryNaming(of: Of): Prisma.Sql {
  const names = (entries: Prisma.Sql) => Prisma.sql`exists (select from jsonb_array_elements(${entries}) entry
    join server s on s.tenant_id = p.tenant_id and s.id::text = entry ->> 'serverId' and s.id = ${of.ids})`;
  return queryStops(
    'naming',
    NAMED,
    Prisma.sql`from profile p
      left join profile_version v on v.tenant_id = p.tenant_id and v.profile_id = p.id and v.number = p.published_version
      where p.tenant_id = ${of.tenant} and p.archived_at is null
        and (${names(Prisma.sql`p.draft -> 'entries'`)} or ${names(Prisma.sql`v.document -> 'entries'`)})
        and p.id not in (select p.id from ${buildServing(of)})`,
  );
}

/** People with keys that work for what serves them. */
const queryCallers = (of: Of, now: Date): Prisma.Sql =>
  queryStops(
    'caller',
    { id: Prisma.sql`m.id`, name: MEMBER_NAME, count: Prisma.sql`count(*)` },
    Prisma.sql`from client_key k join membership m on m.tenant_id = k.tenant_id and m.id = k.membership_id
      left join "user" u on u.id = m.user_id
      where k.tenant_id = ${of.tenant} and k.revoked_at is null and k.expires_at > ${now}::timestamptz
        and k.profile_id in (select p.id from ${buildServing(of)})
      group by m.id, m.display_name, u.name`,
  );

/** Each by its newest receipt. */
const queryCalled = ({ tenant, ids }: Of): Prisma.Sql =>
  queryStops(
    'called',
    { id: Prisma.sql`s.id`, name: Prisma.sql`s.name`, slug: Prisma.sql`s.slug`, at: Prisma.sql`newest.received_at` },
    Prisma.sql`from server s cross join lateral (
      select c.received_at from receipt c where c.tenant_id = s.tenant_id and c.server_id = s.id order by c.received_at desc limit 1
    ) newest where s.tenant_id = ${tenant} and s.id = ${ids} and s.disabled_at is null`,
  );
