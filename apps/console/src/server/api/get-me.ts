import type { SignedInUser } from '@gatehouse/services/auth/check-session';
import { listTenants } from '@gatehouse/services/auth/list-tenants';
import { listPermissions, listUsable } from '@gatehouse/services/authz';
import type { ServiceContext } from '@gatehouse/services/context';
import { isStopped } from '@gatehouse/services/tenant/stop-tenant';

/** The person, the role in this tenant with what it may do, and the tenants to switch to. */
export async function getMe(user: SignedInUser, { actor, runtime, tenantSlug }: ServiceContext) {
  if (actor.kind !== 'person') throw new Error('A console session belongs to a person');
  const tenants = await listTenants({ runtime, input: { userId: user.userId } });
  const current = tenants.find(({ slug }) => slug === tenantSlug);
  const permissions = listPermissions(actor);
  const stopped = { suspendedAt: current?.suspendedAt ?? null, deleteAfter: current?.deleteAfter ?? null };
  const isOff = isStopped(stopped);
  return {
    userId: user.userId,
    membershipId: actor.membershipId,
    name: user.name,
    email: current?.email ?? '',
    /** zone in which times are shown; null: the browser's */
    timeZone: user.timeZone,
    role: actor.role,
    /** of the role */
    permissions,
    /** what of them the verbs do now: in a stopped workspace nothing is changed */
    usable: listUsable(permissions, { isStopped: isOff }),
    tenantSlug,
    tenants,
    /** links go to people by mail */
    sendsMail: runtime.settings.sendsMail,
    /** why everything in this workspace is stopped; null for what is not the reason */
    stopped,
    isStopped: isOff,
  };
}
