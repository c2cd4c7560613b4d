import type { Role } from '@gatehouse/db/client';

import type { Actor, ServiceContext } from './context.ts';
import { ServiceError } from './errors.ts';

const EVERYONE = ['owner', 'admin', 'reviewer', 'auditor', 'builder', 'member'] as const;
const STAFF = ['owner', 'admin', 'reviewer', 'auditor', 'builder'] as const;
const ADMINS = ['owner', 'admin'] as const;

/** Which roles may do what. The console shows from this table, the verbs enforce it. */
const ROLES = {
  'member.read': STAFF,
  'member.manage': ADMINS,
  'group.read': STAFF,
  /** Make and change groups, and who is in them. */
  'group.manage': ADMINS,
  'tenant.read': STAFF,
  'tenant.manage': ADMINS,
  /** All that is kept of the workspace, as one file. */
  'tenant.export': ['owner'],
  'tenant.delete': ['owner'],
  'site.read': STAFF,
  'site.manage': ADMINS,
  'agent.read': STAFF,
  'agent.manage': ADMINS,
  'server.read': STAFF,
  'server.create': ['owner', 'admin', 'builder'],
  'server.manage': ADMINS,
  'discovery.start': ['owner', 'admin', 'builder'],
  'review.read': STAFF,
  'review.decide': ['owner', 'admin', 'reviewer'],
  'review.comment': ['owner', 'admin', 'reviewer', 'builder'],
  'profile.read': STAFF,
  'profile.edit': ['owner', 'admin', 'builder'],
  'profile.publish': ADMINS,
  /** See and connect to the profiles that one has access to. */
  'profile.use': EVERYONE,
  /** Every receipt of the tenant. */
  'receipt.read': ['owner', 'admin', 'reviewer', 'auditor'],
  /** What arguments and results of other people's calls say. Owners do; each of the others is given it by name (`mayReadValues`). */
  'receipt.values': ['owner', 'admin', 'reviewer', 'auditor'],
  /** The receipts of one's own calls. */
  'receipt.own': EVERYONE,
  /** One's own membership and password. */
  'account.own': EVERYONE,
  'client_key.own': EVERYONE,
  /** See and revoke the keys of others. Nobody makes one for somebody else. */
  'client_key.manage': ADMINS,
  'signing_key.read': ['owner', 'admin', 'auditor'],
  'signing_key.rotate': ['owner'],
  'overview.read': STAFF,
  'admin_audit.read': ['owner', 'admin', 'auditor'],
  'revocation.read': ['owner', 'admin', 'reviewer', 'auditor'],
} as const satisfies Record<string, readonly Role[]>;

export type PersonPermission = keyof typeof ROLES;

/** What people do with these changes a workspace and nothing else, so while it is stopped each verb that needs one refuses (`mutate`). */
const CHANGES: ReadonlySet<Permission> = new Set<PersonPermission>([
  'member.manage',
  'group.manage',
  'tenant.manage',
  'site.manage',
  'agent.manage',
  'server.create',
  'server.manage',
  'discovery.start',
  'review.decide',
  'review.comment',
  'profile.edit',
  'profile.publish',
  'signing_key.rotate',
]);

const AGENT = [
  'agent.enrol',
  'agent.connect',
  'config.read',
  'config.report',
  'heartbeat.report',
  'receipt.ingest',
  'discovery.report',
  'revocation.report',
  'revocation.hand_over',
] as const;
const SYSTEM = [
  'tenant.create',
  'tenant.suspend',
  'tenant.hand_over',
  'tenant.erase',
  'account_link.create',
  'keyset.keep',
  'revocation.keep',
  'snapshot.renew',
  'record.expire',
  'agent.quarantine',
  'join_token.report',
  'job.report',
  'mail.send',
] as const;

export type Permission = PersonPermission | (typeof AGENT)[number] | (typeof SYSTEM)[number];

/** True when the actor may do it. For code that shows or narrows instead of refusing. */
export function isPermitted(actor: Actor, permission: Permission): boolean {
  switch (actor.kind) {
    case 'person':
      return permission === 'receipt.values' ? mayReadValues(actor) : listRoles(permission).includes(actor.role);
    case 'agent':
      return AGENT.some((allowed) => allowed === permission);
    case 'system':
      return SYSTEM.some((allowed) => allowed === permission);
  }
}

/** Throws `not_permitted`, naming the roles that may. Call it first in every verb. */
export function authorize(ctx: Pick<ServiceContext, 'actor'>, permission: Permission): void {
  if (isPermitted(ctx.actor, permission)) return;
  const roles = listRoles(permission);
  if (ctx.actor.kind !== 'person' || roles.length === 0) {
    throw new ServiceError('not_permitted', 'This is not open to the one who asks.');
  }
  if (roles.includes(ctx.actor.role)) {
    throw new ServiceError(
      'not_permitted',
      'You may not read values. An owner or another admin can give you that under Members.',
    );
  }
  const needed = new Intl.ListFormat('en', { type: 'disjunction' }).format(roles);
  throw new ServiceError('not_permitted', `Your role is ${ctx.actor.role}. This needs ${needed}; ask an owner of the workspace.`);
}

/** What a person may do, for the console's menus and buttons. */
export function listPermissions(actor: Actor): Permission[] {
  return Object.keys(ROLES)
    .filter(isPersonPermission)
    .filter((permission) => isPermitted(actor, permission));
}

/** What of these is of use now. `isStopped`: the workspace is suspended or about to be deleted. */
export function listUsable(permissions: readonly Permission[], { isStopped }: { isStopped: boolean }): Permission[] {
  return permissions.filter((permission) => !isStopped || !CHANGES.has(permission));
}

/** Owners do everything; others by their grant, in a role that sees calls of others at all. */
export function mayReadValues({ role, readsValues }: { role: Role; readsValues?: boolean }): boolean {
  return role === 'owner' || (readsValues === true && listRolesOf('receipt.values').includes(role));
}

/** Whether a member who gets this role reads values without being given that by name. */
export function hasValuesByRole(role: Role): boolean {
  return role === 'owner' || role === 'reviewer';
}

/** The roles that may do it. */
export function listRolesOf(permission: PersonPermission): readonly Role[] {
  return ROLES[permission];
}

function isPersonPermission(permission: string): permission is PersonPermission {
  return Object.hasOwn(ROLES, permission);
}

function listRoles(permission: Permission): readonly Role[] {
  return isPersonPermission(permission) ? ROLES[permission] : [];
}
