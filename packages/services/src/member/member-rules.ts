import type { AccountToken, Membership, Role } from '@gatehouse/db/client';

import type { Mutation } from '../audit/mutate.ts';
import type { ServiceContext } from '../context.ts';
import { createNotFoundError, ServiceError } from '../errors.ts';

/** Only an owner gives or takes the role of owner. */
export function refuseOwnerByOthers({ actor }: Pick<ServiceContext, 'actor'>, roles: readonly Role[]): void {
  if (!roles.includes('owner') || (actor.kind === 'person' && actor.role === 'owner')) return;
  throw new ServiceError(
    'not_permitted',
    'Only an owner can make, change, sign out or remove an owner. Ask an owner of the workspace.',
  );
}

/**
 * The live membership to change, with every owner of the tenant and the actor locked, so that two changes cannot both take the last owner away. What
 * the actor's role permitted when the request began may have been taken meanwhile: throws `not_permitted` then.
 */
export async function lockMember(
  { tx }: Mutation,
  { tenantId, actor }: Pick<ServiceContext, 'tenantId' | 'actor'>,
  id: string,
): Promise<Membership> {
  const own = actor.kind === 'person' ? actor : null;
  await tx.$executeRaw`select 1 from membership where tenant_id = ${tenantId}::uuid
    and (role = 'owner' or id = any(${[id, ...(own ? [own.membershipId] : [])]}::uuid[])) order by id for update`;
  if (own) {
    const acting = await tx.membership.findUnique({ where: { tenantId_id: { tenantId, id: own.membershipId }, endedAt: null } });
    if (acting?.role !== own.role) {
      throw new ServiceError('not_permitted', 'Your own role was changed at this very moment. Reload the page.');
    }
  }
  const member = await tx.membership.findUnique({ where: { tenantId_id: { tenantId, id }, endedAt: null } });
  if (!member) throw createNotFoundError('member');
  return member;
}

/** Throws `conflict` when `member` is the only owner. Call it after `lockMember`. */
export async function refuseLastOwner({ tx }: Mutation, member: { tenantId: string; id: string; role: Role }): Promise<void> {
  if (member.role !== 'owner') return;
  const others = await tx.membership.count({
    where: {
      tenantId: member.tenantId,
      role: 'owner',
      endedAt: null,
      id: { not: member.id },
      // who cannot sign in does not own anything
      user: { disabledAt: null },
    },
  });
  if (others === 0) throw new ServiceError('conflict', 'This is the only owner. Make someone else an owner first.');
}

/** An invitation that nobody has accepted or withdrawn, locked. */
export async function lockInvitation({ tx }: Mutation, tenantId: string, id: string): Promise<AccountToken> {
  await tx.$executeRaw`select 1 from account_token where tenant_id = ${tenantId}::uuid and id = ${id}::uuid for update`;
  const invitation = await tx.accountToken.findUnique({
    where: { tenantId_id: { tenantId, id }, kind: 'invitation', usedAt: null, withdrawnAt: null },
  });
  if (!invitation) throw createNotFoundError('invitation');
  return invitation;
}
