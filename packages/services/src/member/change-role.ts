import { z } from 'zod';

import { Role } from '@gatehouse/db/client';

import { mutate } from '../audit/mutate.ts';
import { withdrawLinksOf } from '../auth/account-link.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { lockMember, refuseLastOwner, refuseOwnerByOthers } from './member-rules.ts';

export const ChangeRole = z.strictObject({ membershipId: z.uuid(), role: z.enum(Role) });
export type ChangeRole = z.input<typeof ChangeRole>;

/** Gives a member another role. Throws `conflict` when that would leave the workspace without an owner. */
export async function changeRole({ ctx, input }: { ctx: ServiceContext; input: ChangeRole }): Promise<void> {
  authorize(ctx, 'member.manage');
  const { membershipId, role } = parseInput(ChangeRole, input);
  const { tenantId } = ctx;
  await mutate(ctx, async (m) => {
    const member = await lockMember(m, tenantId, membershipId);
    refuseOwnerByOthers(ctx, [member.role, role]);
    if (member.role === role) return m.reportUnchanged();
    await refuseLastOwner(m, member);
    await m.tx.membership.update({ where: { tenantId_id: { tenantId, id: membershipId } }, data: { role } });
    await withdrawLinksOf(m, ctx, membershipId);
    const [before, after] = [{ role: member.role }, { role }];
    await m.audit({ action: 'member.change_role', entityType: 'member', entityId: membershipId, before, after });
    m.signal('member', membershipId);
  });
}
