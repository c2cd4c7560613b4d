import { mutate } from '../audit/mutate.ts';
import { makePasswordDue } from '../auth/make-password-due.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { parseInput, ServiceError } from '../errors.ts';
import { enqueueMail } from '../mail/enqueue-mail.ts';
import { requireMail } from '../mail/require-mail.ts';
import { CreateResetLink } from './create-reset-link.ts';
import { lockMember, refuseOwnerByOthers } from './member-rules.ts';

/**
 * As the member had asked for a new password without having signed in (`requestReset`): the link goes by mail, is in nobody's hand, and changes the
 * password of the account. Throws `precondition` where no mail is sent.
 */
export async function sendReset({ ctx, input }: { ctx: ServiceContext; input: CreateResetLink }): Promise<void> {
  authorize(ctx, 'member.manage');
  const { membershipId } = parseInput(CreateResetLink, input);
  if (membershipId === getActorId(ctx.actor)) throw new ServiceError('precondition', 'Change your own password under Account.');
  requireMail(ctx.runtime);
  const { tenantId, runtime } = ctx;
  await mutate(ctx, async (m) => {
    const { email, role, userId } = await lockMember(m, ctx, membershipId);
    refuseOwnerByOthers(ctx, [role]);
    await makePasswordDue(runtime, m.tx, { userId, tenantId, inAllWorkspaces: false });
    await enqueueMail(m.tx, tenantId, { kind: 'reset', email, accountTokenId: null }, runtime.now());
    const after = { byMail: true };
    await m.audit({ action: 'member.create_reset_link', entityType: 'member', entityId: membershipId, after });
    m.signal('member', membershipId);
  });
}
