import { mutate } from '../audit/mutate.ts';
import { createLinkSecret } from '../auth/account-link.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { enqueueMail } from '../mail/enqueue-mail.ts';
import { requireMail } from '../mail/require-mail.ts';
import type { MailedLink } from './make-link.ts';
import { lockInvitation, refuseOwnerByOthers } from './member-rules.ts';
import { RenewInvitation } from './renew-invitation.ts';

/** Sends an open or expired invitation with a new link; the one before works no more. Throws `precondition` where no mail is sent. */
export async function resendInvitation({ ctx, input }: { ctx: ServiceContext; input: RenewInvitation }): Promise<MailedLink> {
  authorize(ctx, 'member.manage');
  const { invitationId: id } = parseInput(RenewInvitation, input);
  requireMail(ctx.runtime);
  const { tenantId, runtime } = ctx;
  return mutate(ctx, async (m) => {
    const { role, email } = await lockInvitation(m, tenantId, id);
    refuseOwnerByOthers(ctx, [role]);
    // of a secret that nobody has: the one that is sent is made by whoever sends it
    const { tokenHash, expiresAt } = createLinkSecret('invitation', runtime.now());
    const data = { tokenHash, expiresAt, createdBy: null, byMail: true, mailedAt: null };
    await m.tx.accountToken.update({ where: { tenantId_id: { tenantId, id } }, data });
    await m.tx.mail.deleteMany({ where: { tenantId, accountTokenId: id } });
    await enqueueMail(m.tx, tenantId, { kind: 'invitation', email, accountTokenId: id }, runtime.now());
    await m.audit({ action: 'member.renew_invitation', entityType: 'invitation', entityId: id, after: { role, byMail: true } });
    m.signal('member', id);
    return { id, expiresAt };
  });
}
