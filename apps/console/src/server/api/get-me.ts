import type { SignedInUser } from '@gatehouse/services/auth/check-session';
import { listTenants } from '@gatehouse/services/auth/list-tenants';
import { listPermissions } from '@gatehouse/services/authz';
import type { ServiceContext } from '@gatehouse/services/context';

/** The person, the role in this tenant with what it may do, and the tenants to switch to. */
export async function getMe(user: SignedInUser, { actor, runtime, tenantSlug }: ServiceContext) {
  if (actor.kind !== 'person') throw new Error('A console session belongs to a person');
  const tenants = await listTenants({ runtime, input: { userId: user.userId } });
  return {
    userId: user.userId,
    membershipId: actor.membershipId,
    name: user.name,
    email: tenants.find(({ slug }) => slug === tenantSlug)?.email ?? '',
    role: actor.role,
    permissions: listPermissions(actor.role),
    tenantSlug,
    tenants,
  };
}
