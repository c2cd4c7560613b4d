import { z } from 'zod';

import { Role } from '@gatehouse/db/client';

import { mutate } from '../audit/mutate.ts';
import { withdrawLinksOf } from '../auth/account-link.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { countEdit, SeenRevision } from '../edit-lock.ts';
import { parseInput } from '../errors.ts';
import { createNameSchema } from '../name.ts';
import { getMemberName, NAMED } from '../person-names.ts';
import { lockMember, refuseLastOwner, refuseOwnerByOthers } from './member-rules.ts';

export const UpdateMember = z.strictObject({
  membershipId: z.uuid(),
  /** what this workspace calls the person; other workspaces and the account itself keep their own */
  name: createNameSchema(80),
  role: z.enum(Role),
  revision: SeenRevision,
});
export type UpdateMember = z.input<typeof UpdateMember>;

/**
 * Changes what a member is called here, and the role, which holds from the next request on. Throws `conflict` when that would leave the workspace
 * without an owner, and EditConflictError when somebody else was first. The log has no names: they can be erased, it cannot.
 */
export async function updateMember({ ctx, input }: { ctx: ServiceContext; input: UpdateMember }): Promise<{ revision: number }> {
  authorize(ctx, 'member.manage');
  const { membershipId, name, role, revision: seen } = parseInput(UpdateMember, input);
  const { tenantId } = ctx;
  const where = { tenantId_id: { tenantId, id: membershipId } };
  return mutate(ctx, async (m) => {
    const member = await lockMember(m, ctx, membershipId);
    refuseOwnerByOthers(ctx, [member.role, role]);
    const named = await m.tx.membership.findUniqueOrThrow({ where, select: NAMED });
    const before = { name: getMemberName(named), role: member.role };
    if (before.name === name && before.role === role) {
      m.reportUnchanged();
      return { revision: member.revision };
    }
    const revision = await countEdit(m.tx, ctx, {
      kind: 'membership',
      noun: 'member',
      id: membershipId,
      seen,
      actions: ['member.rename', 'member.change_role'],
      readPresent: () => before,
    });
    const entry = { entityType: 'member', entityId: membershipId };
    if (before.role !== role) {
      await refuseLastOwner(m, member);
      await withdrawLinksOf(m, ctx, membershipId);
      await m.audit({ ...entry, action: 'member.change_role', before: { role: before.role }, after: { role } });
    }
    if (before.name !== name) await m.audit({ ...entry, action: 'member.rename' });
    await m.tx.membership.update({ where, data: { role, displayName: name === named.user.name ? null : name } });
    m.signal('member', membershipId);
    return { revision };
  });
}
