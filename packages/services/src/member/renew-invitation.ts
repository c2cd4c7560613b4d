import { z } from 'zod';

import { mutate } from '../audit/mutate.ts';
import { createLinkSecret } from '../auth/account-link.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import type { MadeLink } from './make-link.ts';
import { lockInvitation, refuseOwnerByOthers } from './member-rules.ts';

export const RenewInvitation = z.strictObject({ invitationId: z.uuid() });
export type RenewInvitation = z.input<typeof RenewInvitation>;

/** Gives an open or expired invitation a new link; the old one works no more. */
export async function renewInvitation({ ctx, input }: { ctx: ServiceContext; input: RenewInvitation }): Promise<MadeLink> {
  authorize(ctx, 'member.manage');
  const { invitationId: id } = parseInput(RenewInvitation, input);
  const { tenantId, runtime } = ctx;
  return mutate(ctx, async (m) => {
    const { role } = await lockInvitation(m, tenantId, id);
    refuseOwnerByOthers(ctx, [role]);
    const { token, ...secret } = createLinkSecret('invitation', runtime.now());
    const data = { ...secret, createdBy: getActorId(ctx.actor), byMail: false, mailedAt: null };
    await m.tx.mail.deleteMany({ where: { tenantId, accountTokenId: id } });
    await m.tx.accountToken.update({ where: { tenantId_id: { tenantId, id } }, data });
    await m.audit({ action: 'member.renew_invitation', entityType: 'invitation', entityId: id, after: { role } });
    m.signal('member', id);
    return { id, token, expiresAt: secret.expiresAt };
  });
}
