import { z } from 'zod';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { lockMember, refuseOwnerByOthers } from './member-rules.ts';

export const SignOutMember = z.strictObject({ membershipId: z.uuid() });
export type SignOutMember = z.input<typeof SignOutMember>;

/**
 * Signs a member out of this workspace: no session that began until now opens it from the next request on. What the person has open of
 * other workspaces goes on.
 */
export async function signOutMember({ ctx, input }: { ctx: ServiceContext; input: SignOutMember }): Promise<void> {
  authorize(ctx, 'member.manage');
  const { membershipId } = parseInput(SignOutMember, input);
  const { tenantId, runtime } = ctx;
  await mutate(ctx, async (m) => {
    const member = await lockMember(m, tenantId, membershipId);
    refuseOwnerByOthers(ctx, [member.role]);
    const data = { signedOutAt: runtime.now() };
    await m.tx.membership.update({ where: { tenantId_id: { tenantId, id: membershipId } }, data });
    await m.audit({ action: 'member.sign_out', entityType: 'member', entityId: membershipId });
    m.signal('member', membershipId);
  });
}
