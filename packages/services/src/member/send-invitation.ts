import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { enqueueMail } from '../mail/enqueue-mail.ts';
import { requireMail } from '../mail/require-mail.ts';
import { InviteMember, refuseKnownAddress } from './invite-member.ts';
import { makeInvitation, type MailedLink } from './make-link.ts';
import { refuseOwnerByOthers } from './member-rules.ts';

/**
 * As `inviteMember`, but the link goes to the person by mail and is in nobody's hand: following it proves the address. Throws `precondition` where
 * no mail is sent.
 */
export async function sendInvitation({ ctx, input }: { ctx: ServiceContext; input: InviteMember }): Promise<MailedLink> {
  authorize(ctx, 'member.manage');
  const { email, role } = parseInput(InviteMember, input);
  refuseOwnerByOthers(ctx, [role]);
  requireMail(ctx.runtime);
  const { tenantId, runtime } = ctx;
  return mutate(ctx, async (m) => {
    await refuseKnownAddress(m, tenantId, email);
    const { id, expiresAt } = await makeInvitation(m, ctx, { email, role, byMail: true });
    await enqueueMail(m.tx, tenantId, { kind: 'invitation', email, accountTokenId: id }, runtime.now());
    await m.audit({ action: 'member.invite', entityType: 'invitation', entityId: id, after: { role, byMail: true } });
    m.signal('member', id);
    return { id, expiresAt };
  });
}
