import { z } from 'zod';

import { mutate } from '../audit/mutate.ts';
import { makePasswordDue } from '../auth/make-password-due.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { parseInput, ServiceError } from '../errors.ts';
import { type MadeLink, makeResetLink } from './make-link.ts';
import { lockMember, refuseOwnerByOthers } from './member-rules.ts';

export const CreateResetLink = z.strictObject({ membershipId: z.uuid() });
export type CreateResetLink = z.input<typeof CreateResetLink>;

/**
 * Makes a link by which a member of this workspace chooses a new password for it. It opens nothing that the person has elsewhere
 * (`resetPassword`). An earlier one works no more, and with the password of before another one has to be chosen first.
 */
export async function createResetLink({ ctx, input }: { ctx: ServiceContext; input: CreateResetLink }): Promise<MadeLink> {
  authorize(ctx, 'member.manage');
  const { membershipId } = parseInput(CreateResetLink, input);
  if (membershipId === getActorId(ctx.actor)) throw new ServiceError('precondition', 'Change your own password under Account.');
  return mutate(ctx, async (m) => {
    const member = await lockMember(m, ctx, membershipId);
    refuseOwnerByOthers(ctx, [member.role]);
    const link = await makeResetLink(m, ctx, member);
    await makePasswordDue(ctx.runtime, m.tx, { ...member, inAllWorkspaces: false });
    const after = { linkId: link.id };
    await m.audit({ action: 'member.create_reset_link', entityType: 'member', entityId: membershipId, after });
    m.signal('member', membershipId);
    return link;
  });
}
