import { Prisma, type Role } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { listRolesOf, type PersonPermission } from './authz.ts';
import { type Actor, getActorId } from './context.ts';
import { findSameHand, type Hands, type Holder, isSomebodyElse, loadHands } from './hands.ts';
import { MEMBER_NAME } from './person-names.ts';

/** Somebody who takes part in the workspace now. */
export interface Member {
  /** membership id */
  id: string;
  userId: string;
  name: string;
  role: Role;
}

/** Who has to do with one server, and all that it offers, or with one profile. */
export interface People {
  /** membership ids, and ids of the accounts behind them: who leaves and comes back is the same person */
  authors: ReadonlySet<string>;
  /** those who may decide: their role does, they are no authors, and no author had the link to their account in hand */
  deciders: readonly Member[];
  /** those whose role decides, and who may be an author under another name: by membership id, who had the link in hand */
  led: ReadonlyMap<string, string>;
  hands: Hands;
}

/** What is asked about. */
export interface Subjects {
  entityType: 'server' | 'profile';
  ids: readonly string[];
  /** what somebody must be permitted to decide on it */
  permission: PersonPermission;
}

/**
 * What a person may do without becoming an author. Everything else that the log says of a server or a profile makes one, also what a verb of
 * later does: adding a server, importing its description, having an agent look at it; creating a profile and editing its draft.
 */
const NO_AUTHORSHIP = [
  'server.enable',
  'server.disable',
  'server.set_limits',
  'server.update',
  'server.archive',
  'server.restore',
  'profile.enable',
  'profile.disable',
  'profile.archive',
  'profile.restore',
  'profile.publish',
  'profile.send_back',
  'profile.consent',
  'profile.grant_access',
  'profile.revoke_access',
  'profile.grant_group',
  'profile.revoke_group',
  'profile.request_access',
  'profile.withdraw_access_request',
  'profile.grant_request',
  'profile.refuse_request',
  'profile.set_owner',
  'profile.set_approvers',
  'server.set_owner',
  'server.set_approvers',
];

/** Later than any link is followed: hands as they are now, whatever clock stamped a link. */
const NOW = new Date('9999-01-01T00:00:00.000Z');

/** The one answer to "who authored this", for verbs and screens alike. By id. */
export async function loadPeople(
  tx: TenantTx,
  tenantId: string,
  { entityType, ids, permission }: Subjects,
): Promise<(id: string) => People> {
  const authorsOf = await loadAuthors(tx, tenantId, { entityType, ids });
  const members = await listPermitted(tx, tenantId, permission);
  const everybody = new Set([...ids.flatMap(authorsOf), ...members].map(({ id }) => id));
  const asked = [...everybody].map((membershipId) => ({ membershipId, at: NOW }));
  const hands = (await loadHands(tx, tenantId, asked))(NOW);
  const names = await getNames(tx, tenantId, [...everybody].flatMap(hands));
  return (wanted) => {
    const made = authorsOf(wanted);
    const authors = new Set(made.flatMap(({ id, userId }) => (userId === null ? [id] : [id, userId])));
    const others = members.filter(({ id, userId }) => !authors.has(id) && !authors.has(userId));
    const led = new Map<string, string>();
    for (const member of others) {
      const hand = made.map((author) => findSameHand(hands, member, author)).find((found) => found !== null);
      if (hand) led.set(member.id, names.get(hand.id) ?? 'Somebody who has left');
    }
    return { authors, led, hands, deciders: members.filter((member) => isSomebodyElse(hands, member, made)) };
  };
}

async function getNames(tx: TenantTx, tenantId: string, people: readonly Holder[]): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.$queryRaw<{ id: string; name: string }[]>`
    select m.id, ${MEMBER_NAME} as name from membership m join "user" u on u.id = m.user_id
    where m.tenant_id = ${tenantId}::uuid and m.id = any(${people.map(({ id }) => id)}::uuid[])`;
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Somebody who made something; the account is null where the act names nobody who is known. */
export interface Author extends Holder {
  /** since the first act that made an author of this person */
  since: Date;
}

/**
 * Who made each of them, by its id. Goes through the log from one (action, person) to the next, so it reads no act twice however many there
 * are.
 */
export async function loadAuthors(
  tx: TenantTx,
  tenantId: string,
  { entityType, ids }: Omit<Subjects, 'permission'>,
): Promise<(id: string) => readonly Author[]> {
  const rows = await tx.$queryRaw<(Author & { of: string })[]>`
    with recursive act (id, action, by, at) as (
      select unnest(${ids}::text[]), '', '', null::timestamptz
      union all
      select act.id, next.action, next.actor_id, next.at from act cross join lateral (
        -- as a range, in the order of one index alone: another one of the entity would be taken for as good, and read all of its acts
        select a.action, a.actor_id, a.at from admin_audit a
        where a.tenant_id = ${tenantId}::uuid and a.entity_id <= act.id and a.actor_kind = 'person'
          and (a.entity_id, a.action, a.actor_id) > (act.id, act.action, act.by)
        order by a.entity_id, a.action, a.actor_id, a.at limit 1) next
    )
    select made.id as of, made.by as id, m.user_id as "userId", min(made.at) as since
    from (
      select id::text as id, created_by::text as by, created_at as at from ${Prisma.raw(entityType)}
      where tenant_id = ${tenantId}::uuid and id = any(${ids}::uuid[])
      union all
      select id, by, at from act where action <> '' and action <> all(${NO_AUTHORSHIP}::text[])
    ) made
    left join membership m on m.tenant_id = ${tenantId}::uuid and m.id::text = made.by
    group by made.id, made.by, m.user_id`;
  const byId = Map.groupBy(rows, ({ of }) => of);
  return (id) => byId.get(id) ?? [];
}

/** True when this person brought in what is to be decided, whatever the role is now. */
export function isAuthor(actor: Actor, { authors }: Pick<People, 'authors'>): boolean {
  return actor.kind === 'person' && (authors.has(actor.membershipId) || authors.has(actor.userId));
}

/** True for an author, and for whoever may be one under another name. */
export function isAuthorsHand(actor: Actor, people: People): boolean {
  return isAuthor(actor, people) || people.led.has(getActorId(actor));
}

/** Everybody whose role permits it, as the database says now. */
async function listPermitted(tx: TenantTx, tenantId: string, permission: PersonPermission): Promise<Member[]> {
  const roles = listRolesOf(permission).map((role) => Prisma.sql`${role}::role`);
  return tx.$queryRaw<Member[]>`
    select m.id, m.user_id as "userId", ${MEMBER_NAME} as name, m.role
    from membership m join "user" u on u.id = m.user_id
    where m.tenant_id = ${tenantId}::uuid and m.ended_at is null and m.role in (${Prisma.join(roles)}) and u.disabled_at is null
    order by name, m.id`;
}

const NAMED = 3;

/** "Ada or Ben can.": told whenever somebody may not. Null when nobody else can either. */
export function describeDeciders({ deciders }: People, actor: Actor): string | null {
  const others = deciders.filter(({ id }) => id !== getActorId(actor)).map(({ name }) => name);
  if (others.length === 0) return null;
  const more = others.length - NAMED;
  const named = [...others.slice(0, NAMED), ...(more > 0 ? [`${more} more`] : [])];
  return `${new Intl.ListFormat('en', { type: 'disjunction' }).format(named)} can.`;
}
