import { randomUUID } from 'node:crypto';

import { z } from 'zod';

import { mutate } from '../audit/mutate.ts';
import { createLinkSecret } from '../auth/account-link.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { parseInput, ServiceError } from '../errors.ts';
import type { MadeLink } from './invite-member.ts';
import { lockMember, refuseOwnerByOthers } from './member-rules.ts';

export const CreateResetLink = z.strictObject({ membershipId: z.uuid() });
export type CreateResetLink = z.input<typeof CreateResetLink>;

/**
 * Makes a link by which a member of this workspace chooses a new password for it. It opens nothing that the person has elsewhere
 * (`resetPassword`). An earlier one works no more.
 */
export async function createResetLink({ ctx, input }: { ctx: ServiceContext; input: CreateResetLink }): Promise<MadeLink> {
  authorize(ctx, 'member.manage');
  const { membershipId } = parseInput(CreateResetLink, input);
  const { tenantId, runtime } = ctx;
  const createdBy = getActorId(ctx.actor);
  if (membershipId === createdBy) throw new ServiceError('precondition', 'Change your own password under Account.');
  return mutate(ctx, async (m) => {
    const { email, role } = await lockMember(m, tenantId, membershipId);
    refuseOwnerByOthers(ctx, [role]);
    const now = runtime.now();
    await m.tx.accountToken.updateMany({
      where: { tenantId, membershipId, kind: 'reset', usedAt: null, withdrawnAt: null },
      data: { withdrawnAt: now },
    });
    const id = randomUUID();
    const { token, ...secret } = createLinkSecret('reset', now);
    const data = { tenantId, id, kind: 'reset', email, role, membershipId, createdBy, createdAt: now, ...secret } as const;
    await m.tx.accountToken.create({ data });
    await m.audit({ action: 'member.create_reset_link', entityType: 'member', entityId: membershipId, after: { linkId: id } });
    m.signal('member', membershipId);
    return { id, token, expiresAt: secret.expiresAt };
  });
}
