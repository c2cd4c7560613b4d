import { z } from 'zod';

import { Role } from '@gatehouse/db/client';

import { mutate, type Mutation } from '../audit/mutate.ts';
import { NewEmail } from '../auth/email.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput, ServiceError } from '../errors.ts';
import { type MadeLink, makeInvitation } from './make-link.ts';
import { refuseOwnerByOthers } from './member-rules.ts';

export const InviteMember = z.strictObject({ email: NewEmail, role: z.enum(Role) });
export type InviteMember = z.input<typeof InviteMember>;

/**
 * Makes an invitation and nothing else: the person becomes a member by following its link. Does not look whether the address has an account
 * anywhere. Throws `conflict` for an address that this workspace has invited or has as a member already.
 */
export async function inviteMember({ ctx, input }: { ctx: ServiceContext; input: InviteMember }): Promise<MadeLink> {
  authorize(ctx, 'member.manage');
  const { email, role } = parseInput(InviteMember, input);
  refuseOwnerByOthers(ctx, [role]);
  const { tenantId } = ctx;
  return mutate(ctx, async (m) => {
    await refuseKnownAddress(m, tenantId, email);
    const link = await makeInvitation(m, ctx, { email, role });
    await m.audit({ action: 'member.invite', entityType: 'invitation', entityId: link.id, after: { role } });
    m.signal('member', link.id);
    return link;
  });
}

/** Throws `conflict` for an address that this workspace has invited or has as a member already. */
export async function refuseKnownAddress({ tx }: Mutation, tenantId: string, email: string): Promise<void> {
  if ((await tx.membership.count({ where: { tenantId, email, endedAt: null } })) > 0) {
    throw new ServiceError('conflict', `${email} is already a member. Change the role instead.`, { field: 'email' });
  }
  const open = { tenantId, email, kind: 'invitation', usedAt: null, withdrawnAt: null } as const;
  if ((await tx.accountToken.count({ where: open })) > 0) {
    throw new ServiceError('conflict', `${email} is invited already. Renew the invitation, or withdraw it.`, { field: 'email' });
  }
}
