import { z } from 'zod';

import { createActId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { findLastExpiry } from '../client-key/create-client-key.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { writeRevocations } from '../revocation/write-revocations.ts';
import { lockMember, refuseOwnerByOthers } from './member-rules.ts';

export const SignOutMember = z.strictObject({ membershipId: z.uuid() });
export type SignOutMember = z.input<typeof SignOutMember>;

/**
 * Signs a member out of this workspace: no console session that began until now opens it from the next request on, and what the member's AI
 * clients have open at agents ends. Password and keys go on working, and what the person has open of other workspaces goes on.
 */
export async function signOutMember({ ctx, input }: { ctx: ServiceContext; input: SignOutMember }): Promise<void> {
  authorize(ctx, 'member.manage');
  const { membershipId } = parseInput(SignOutMember, input);
  const { tenantId, runtime } = ctx;
  await runtime.throttle.consume('session_end', [tenantId, getActorId(ctx.actor)]);
  await mutate(ctx, async (m) => {
    const member = await lockMember(m, ctx, membershipId);
    refuseOwnerByOthers(ctx, [member.role]);
    const signedOutAt = runtime.now();
    const data = { signedOutAt };
    await m.tx.membership.update({ where: { tenantId_id: { tenantId, id: membershipId } }, data });
    const auditId = createActId();
    await m.audit({ id: auditId, action: 'member.sign_out', entityType: 'member', entityId: membershipId });
    const session = { kind: 'session', id: membershipId } as const;
    await writeRevocations(m, ctx, [
      { act: 'before', subject: session, at: signedOutAt, until: findLastExpiry(signedOutAt), auditId },
    ]);
    m.signal('member', membershipId);
  });
}
