import { randomUUID } from 'node:crypto';

import { z } from 'zod';

import { Role } from '@gatehouse/db/client';

import { mutate } from '../audit/mutate.ts';
import { createLinkSecret } from '../auth/account-link.ts';
import { Email } from '../auth/email.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { parseInput, ServiceError } from '../errors.ts';
import { refuseOwnerByOthers } from './member-rules.ts';

export const InviteMember = z.strictObject({ email: Email, role: z.enum(Role) });
export type InviteMember = z.input<typeof InviteMember>;

/** What a link is made of; the secret is in this answer and nowhere else. */
export interface MadeLink {
  id: string;
  token: string;
  expiresAt: Date;
}

/**
 * Makes an invitation and nothing else: the person becomes a member by following its link. Does not look whether the address has an account
 * anywhere. Throws `conflict` for an address that this workspace has invited or has as a member already.
 */
export async function inviteMember({ ctx, input }: { ctx: ServiceContext; input: InviteMember }): Promise<MadeLink> {
  authorize(ctx, 'member.manage');
  const { email, role } = parseInput(InviteMember, input);
  refuseOwnerByOthers(ctx, [role]);
  const { tenantId, runtime } = ctx;
  return mutate(ctx, async ({ tx, audit, signal }) => {
    if ((await tx.membership.count({ where: { tenantId, email, endedAt: null } })) > 0) {
      throw new ServiceError('conflict', `${email} is already a member. Change the role instead.`, { field: 'email' });
    }
    const open = { tenantId, email, kind: 'invitation', usedAt: null, withdrawnAt: null } as const;
    if ((await tx.accountToken.count({ where: open })) > 0) {
      throw new ServiceError('conflict', `${email} is invited already. Renew the invitation, or withdraw it.`, {
        field: 'email',
      });
    }
    const id = randomUUID();
    const { token, ...secret } = createLinkSecret('invitation', runtime.now());
    const made = { createdBy: getActorId(ctx.actor), createdAt: runtime.now() };
    await tx.accountToken.create({ data: { tenantId, id, kind: 'invitation', email, role, ...secret, ...made } });
    await audit({ action: 'member.invite', entityType: 'invitation', entityId: id, after: { role } });
    signal('member', id);
    return { id, token, expiresAt: secret.expiresAt };
  });
}
