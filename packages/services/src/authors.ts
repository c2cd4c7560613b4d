import { Prisma, type Role } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { listRolesOf, type PersonPermission } from './authz.ts';
import { type Actor, getActorId, type ServiceContext } from './context.ts';
import { ServiceError } from './errors.ts';

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
  /** those who may decide: their role does, and they are no authors */
  deciders: readonly Member[];
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
  'profile.enable',
  'profile.disable',
  'profile.publish',
  'profile.grant_access',
  'profile.revoke_access',
];

/** The one answer to "who authored this", for verbs and screens alike. By id. */
export async function loadPeople(
  tx: TenantTx,
  tenantId: string,
  { entityType, ids, permission }: Subjects,
): Promise<(id: string) => People> {
  const rows = await tx.$queryRaw<{ id: string; membershipId: string; userId: string | null }[]>`
    select made.id, made.by as "membershipId", m.user_id as "userId"
    from (
      select id::text as id, created_by::text as by from ${Prisma.raw(entityType)}
      where tenant_id = ${tenantId}::uuid and id = any(${ids}::uuid[])
      union
      select entity_id, actor_id from admin_audit
      where tenant_id = ${tenantId}::uuid and entity_id = any(${ids}::text[]) and entity_type = ${entityType} and actor_kind = 'person'
        and action <> all(${NO_AUTHORSHIP}::text[])
    ) made
    left join membership m on m.tenant_id = ${tenantId}::uuid and m.id::text = made.by`;
  const byId = Map.groupBy(rows, ({ id }) => id);
  const members = await listPermitted(tx, tenantId, permission);
  return (wanted) => {
    const made = byId.get(wanted) ?? [];
    const authors = new Set(
      made.flatMap(({ membershipId, userId }) => (userId === null ? [membershipId] : [membershipId, userId])),
    );
    return { authors, deciders: members.filter(({ id, userId }) => !authors.has(id) && !authors.has(userId)) };
  };
}

/** True when this person brought in what is to be decided, whatever the role is now. */
export function isAuthor(actor: Actor, { authors }: Pick<People, 'authors'>): boolean {
  return actor.kind === 'person' && (authors.has(actor.membershipId) || authors.has(actor.userId));
}

/** Everybody whose role permits it, as the database says now. */
async function listPermitted(tx: TenantTx, tenantId: string, permission: PersonPermission): Promise<Member[]> {
  const roles = listRolesOf(permission).map((role) => Prisma.sql`${role}::role`);
  return tx.$queryRaw<Member[]>`
    select m.id, m.user_id as "userId", u.name, m.role
    from membership m join "user" u on u.id = m.user_id
    where m.tenant_id = ${tenantId}::uuid and m.ended_at is null and m.role in (${Prisma.join(roles)}) and u.disabled_at is null
    order by u.name, m.id`;
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

/**
 * What another person has switched off, no author of it switches on again while somebody else could. Throws `not_permitted`, naming who can.
 */
export async function refuseAuthorOn(
  tx: TenantTx,
  { tenantId, actor }: Pick<ServiceContext, 'tenantId' | 'actor'>,
  { entityType, id, permission }: Omit<Subjects, 'ids'> & { id: string },
): Promise<void> {
  const last = await tx.adminAudit.findFirst({
    where: { tenantId, entityId: id, entityType, actorKind: 'person', action: `${entityType}.disable` },
    orderBy: { id: 'desc' },
    select: { actorId: true },
  });
  if (last === null || last.actorId === getActorId(actor)) return;
  const people = (await loadPeople(tx, tenantId, { entityType, ids: [id], permission }))(id);
  const others = isAuthor(actor, people) ? describeDeciders(people, actor) : null;
  if (others === null) return;
  throw new ServiceError('not_permitted', `Somebody else switched this off, and you are an author of it. ${others}`);
}
