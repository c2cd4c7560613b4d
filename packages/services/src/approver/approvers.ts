import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { isPermitted, listRolesOf } from '../authz.ts';
import { type Actor, getActorId } from '../context.ts';
import { buildIsOwned, type OwnerView } from '../owner/owner.ts';
import { MEMBER_NAME } from '../person-names.ts';

/** What approvers decide on: approvals in the reviews of a server, and who asks for a profile. */
export interface Approved {
  kind: 'server' | 'profile';
  id: string;
}

/** Somebody who was named, or a group. */
export interface ApproverView extends OwnerView {
  /** how many people it is who can decide now: none of a person who has left, or whose role decides no reviews */
  people: number;
}

/**
 * Members who have the duty `a`, named or in a group that is named, as the database says now: whoever leaves a group has it no more. Of a server those alone
 * whose role decides reviews.
 */
export function buildBearers(kind: Approved['kind']): Prisma.Sql {
  const roles = listRolesOf('review.decide').map((role) => Prisma.sql`${role}::role`);
  return Prisma.sql`
    select m.id from membership m join "user" u on u.id = m.user_id
    where m.tenant_id = a.tenant_id and m.ended_at is null and u.disabled_at is null
      ${kind === 'server' ? Prisma.sql`and m.role in (${Prisma.join(roles)})` : Prisma.empty}
      and (m.id = a.membership_id or exists (
        select from group_member gm where gm.tenant_id = a.tenant_id and gm.group_id = a.group_id and gm.membership_id = m.id))`;
}

const COLUMN = { server: Prisma.sql`a.server_id`, profile: Prisma.sql`a.profile_id` };

/** Who is named, groups first, by name. */
export async function listApprovers(tx: TenantTx, tenantId: string, { kind, id }: Approved): Promise<ApproverView[]> {
  return tx.$queryRaw<ApproverView[]>`
    select coalesce(a.membership_id, a.group_id) as id, case when a.group_id is null then 'person' else 'group' end as kind,
      coalesce(g.name, (
        select ${MEMBER_NAME} from membership m join "user" u on u.id = m.user_id where m.tenant_id = a.tenant_id and m.id = a.membership_id
      )) as name,
      (select count(*)::int from (${buildBearers(kind)}) bearer) as people
    from approver a left join person_group g on g.tenant_id = a.tenant_id and g.id = a.group_id
    where a.tenant_id = ${tenantId}::uuid and ${COLUMN[kind]} = ${id}::uuid
    order by a.group_id is null, lower(coalesce(g.name, '')), name, a.id`;
}

/** Of each of these who can decide because somebody has named them, as membership ids. Null: nobody is named, so the roles say it. */
export async function loadBearers(
  tx: TenantTx,
  tenantId: string,
  kind: Approved['kind'],
  ids: readonly string[],
): Promise<(id: string) => ReadonlySet<string> | null> {
  const rows = await tx.$queryRaw<{ of: string; by: string | null }[]>`
    select ${COLUMN[kind]} as "of", bearer.id as "by" from approver a left join lateral (${buildBearers(kind)}) bearer on true
    where a.tenant_id = ${tenantId}::uuid and ${COLUMN[kind]} = any(${ids}::uuid[])`;
  const byId = Map.groupBy(rows, ({ of }) => of);
  return (id) => {
    const named = byId.get(id);
    return named === undefined ? null : new Set(named.flatMap(({ by }) => by ?? []));
  };
}

/** That the actor decides who may use the profile `p`: who owns it or is named; where nobody is named also whoever may give access anyway. */
export function buildIsDecided(actor: Actor): Prisma.Sql {
  const own = getActorId(actor);
  const named = Prisma.sql`from approver a where a.tenant_id = p.tenant_id and a.profile_id = p.id`;
  return Prisma.sql`(${buildIsOwned(actor, Prisma.sql`p`)}
    or exists (select ${named} and (a.membership_id::text = ${own} or exists (
      select from group_member gm
      where gm.tenant_id = a.tenant_id and gm.group_id = a.group_id and gm.membership_id::text = ${own})))
    ${isPermitted(actor, 'profile.publish') ? Prisma.sql`or not exists (select ${named})` : Prisma.empty})`;
}

/** Servers and profiles in use that have approvers, of whom nobody can decide any more: nothing is decided there until somebody says who does. */
export function queryWithoutBearers(tx: TenantTx, tenantId: string, most: number): Promise<Bereft[]> {
  const of = (kind: Approved['kind']) => Prisma.sql`
    select s.id, ${kind} as kind, s.slug, s.name from ${Prisma.raw(kind)} s
    where s.tenant_id = ${tenantId}::uuid and s.archived_at is null
      and exists (select from approver a where a.tenant_id = s.tenant_id and ${COLUMN[kind]} = s.id)
      and not exists (
        select from approver a cross join lateral (${buildBearers(kind)}) bearer where a.tenant_id = s.tenant_id and ${COLUMN[kind]} = s.id)`;
  return tx.$queryRaw<Bereft[]>`
    select *, (count(*) over ())::int as total from (${of('server')} union all ${of('profile')}) bereft
    order by name, id limit ${most}::int`;
}

/** What has approvers in name only. */
export interface Bereft extends Approved {
  slug: string;
  name: string;
  /** how many there are */
  total: number;
}
