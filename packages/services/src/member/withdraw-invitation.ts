import { z } from 'zod';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { lockInvitation, refuseOwnerByOthers } from './member-rules.ts';

export const WithdrawInvitation = z.strictObject({ invitationId: z.uuid() });
export type WithdrawInvitation = z.input<typeof WithdrawInvitation>;

/** Ends an invitation: its link works no more, and the address can be invited anew. */
export async function withdrawInvitation({ ctx, input }: { ctx: ServiceContext; input: WithdrawInvitation }): Promise<void> {
  authorize(ctx, 'member.manage');
  const { invitationId: id } = parseInput(WithdrawInvitation, input);
  const { tenantId, runtime } = ctx;
  await mutate(ctx, async (m) => {
    const { role } = await lockInvitation(m, tenantId, id);
    refuseOwnerByOthers(ctx, [role]);
    await m.tx.accountToken.update({ where: { tenantId_id: { tenantId, id } }, data: { withdrawnAt: runtime.now() } });
    await m.tx.mail.deleteMany({ where: { tenantId, accountTokenId: id } });
    await m.audit({ action: 'member.withdraw_invitation', entityType: 'invitation', entityId: id, before: { role } });
    m.signal('member', id);
  });
}
