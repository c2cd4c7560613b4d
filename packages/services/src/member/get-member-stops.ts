import { Prisma } from '@gatehouse/db/client';

import { buildBearers } from '../approver/approvers.ts';
import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { listStops, queryKeyStops, queryStops, type Stop, WhatStopsOf } from '../list/what-stops.ts';
import { buildOwners } from '../owner/owner.ts';
import { MEMBER_NAME } from '../person-names.ts';
import { EVERY_ACCESS } from '../profile/effective-access.ts';

/** What would end, and what would be left to nobody, were these members removed together. Who is unknown or has left adds nothing. */
export async function getMemberStops({ ctx, input }: { ctx: ServiceContext; input: WhatStopsOf }): Promise<Stop[]> {
  authorize(ctx, 'member.manage');
  const { ids } = parseInput(WhatStopsOf, input);
  const now = ctx.runtime.now();
  const who: Who = { tenant: Prisma.sql`${ctx.tenantId}::uuid`, ids: Prisma.sql`any(${ids}::uuid[])`, now };
  return read(ctx, async (tx) =>
    listStops(tx, [
      queryAccess(who),
      queryKeyStops(ctx.tenantId, now, Prisma.sql`k.membership_id = ${who.ids}`),
      queryUnowned(who, 'profile'),
      queryUnowned(who, 'server'),
      queryUndecided(who, 'profile'),
      queryUndecided(who, 'server'),
      queryGroups(who),
      queryRequests(who),
      queryLinks(who),
    ]),
  );
}

interface Who {
  tenant: Prisma.Sql;
  /** what the id of one of them is equal to */
  ids: Prisma.Sql;
  now: Date;
}

function queryAccess({ tenant, ids, now }: Who): Prisma.Sql {
  return queryStops(
    'access',
    { ...buildNamed(Prisma.sql`p`), count: Prisma.sql`count(distinct access.membership_id)` },
    Prisma.sql`from ${EVERY_ACCESS} access join profile p on p.tenant_id = access.tenant_id and p.id = access.profile_id
      where access.tenant_id = ${tenant} and access.membership_id = ${ids} and (access.until is null or access.until > ${now}::timestamptz)
      group by p.id, p.name, p.slug`,
  );
}

type Kind = 'profile' | 'server';

/** In use, and owned by one of them, alone or in a group, and by nobody else who is there. */
function queryUnowned({ tenant, ids }: Who, kind: Kind): Prisma.Sql {
  const owners = Prisma.sql`from (${buildOwners(Prisma.sql`o`)}) owner`;
  return queryStops(
    kind === 'profile' ? 'unownedProfile' : 'unownedServer',
    buildNamed(Prisma.sql`o`),
    Prisma.sql`from ${Prisma.raw(kind)} o where o.tenant_id = ${tenant} and o.archived_at is null
      and exists (select ${owners} where owner.id = ${ids}) and not exists (select ${owners} where not owner.id = ${ids})`,
  );
}

/** In use, with approvers, of whom one of them can decide and nobody else. */
function queryUndecided({ tenant, ids }: Who, kind: Kind): Prisma.Sql {
  const bearers = Prisma.sql`from approver a cross join lateral (${buildBearers(kind)}) bearer
    where a.tenant_id = s.tenant_id and ${Prisma.raw(`a.${kind}_id`)} = s.id`;
  return queryStops(
    kind === 'profile' ? 'undecidedProfile' : 'undecidedServer',
    buildNamed(Prisma.sql`s`),
    Prisma.sql`from ${Prisma.raw(kind)} s where s.tenant_id = ${tenant} and s.archived_at is null
      and exists (select ${bearers} and bearer.id = ${ids}) and not exists (select ${bearers} and not bearer.id = ${ids})`,
  );
}

function queryGroups({ tenant, ids }: Who): Prisma.Sql {
  return queryStops(
    'group',
    { id: Prisma.sql`g.id`, name: Prisma.sql`g.name`, count: Prisma.sql`count(*)` },
    Prisma.sql`from group_member gm join person_group g on g.tenant_id = gm.tenant_id and g.id = gm.group_id
      where gm.tenant_id = ${tenant} and gm.membership_id = ${ids} group by g.id, g.name`,
  );
}

function queryRequests({ tenant, ids }: Who): Prisma.Sql {
  return queryStops(
    'request',
    { id: Prisma.sql`r.id`, name: Prisma.sql`p.name`, slug: Prisma.sql`p.slug`, whose: MEMBER_NAME },
    Prisma.sql`from access_request r
      join profile p on p.tenant_id = r.tenant_id and p.id = r.profile_id
      join membership m on m.tenant_id = r.tenant_id and m.id = r.membership_id
      left join "user" u on u.id = m.user_id
      where r.tenant_id = ${tenant} and r.membership_id = ${ids} and r.state = 'open'`,
  );
}

function queryLinks({ tenant, ids, now }: Who): Prisma.Sql {
  return queryStops(
    'link',
    { id: Prisma.sql`t.id`, name: Prisma.sql`t.email` },
    Prisma.sql`from account_token t where t.tenant_id = ${tenant} and (t.created_by = ${ids} or t.membership_id = ${ids})
      and t.used_at is null and t.withdrawn_at is null and t.expires_at > ${now}::timestamptz`,
  );
}

/** A profile or a server of this alias. */
const buildNamed = (alias: Prisma.Sql) => ({
  id: Prisma.sql`${alias}.id`,
  name: Prisma.sql`${alias}.name`,
  slug: Prisma.sql`${alias}.slug`,
});
