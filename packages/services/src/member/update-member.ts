import { z } from 'zod';

import { Role } from '@gatehouse/db/client';

import { mutate } from '../audit/mutate.ts';
import { withdrawLinksOf } from '../auth/account-link.ts';
import { authorize, hasValuesByRole, mayReadValues } from '../authz.ts';
import { type Actor, getActorId, type ServiceContext } from '../context.ts';
import { countEdit, SeenRevision } from '../edit-lock.ts';
import { parseInput, ServiceError } from '../errors.ts';
import { createNameSchema } from '../name.ts';
import { getMemberName, NAMED } from '../person-names.ts';
import { lockMember, refuseLastOwner, refuseOwnerByOthers } from './member-rules.ts';

export const UpdateMember = z.strictObject({
  membershipId: z.uuid(),
  /** what this workspace calls the person; other workspaces and the account itself keep their own */
  name: createNameSchema(80),
  role: z.enum(Role),
  /** may read values of other people's calls. Left out: as it is while the role stays, else what the new role comes with. Owners always may, builders and members never */
  readsValues: z.boolean().optional(),
  revision: SeenRevision,
});
export type UpdateMember = z.input<typeof UpdateMember>;

/**
 * Changes what a member is called here, the role, and whether values of other people's calls may be read; all hold from the next request on. Throws `conflict` when
 * that would leave the workspace without an owner, `not_permitted` for who gives values to oneself, and EditConflictError when somebody else was first. The log
 * has no names: they can be erased, it cannot.
 */
export async function updateMember({ ctx, input }: { ctx: ServiceContext; input: UpdateMember }): Promise<{ revision: number }> {
  authorize(ctx, 'member.manage');
  const { membershipId, name, role, readsValues: wanted, revision: seen } = parseInput(UpdateMember, input);
  const { tenantId } = ctx;
  const where = { tenantId_id: { tenantId, id: membershipId } };
  return mutate(ctx, async (m) => {
    const member = await lockMember(m, ctx, membershipId);
    refuseOwnerByOthers(ctx, [member.role, role]);
    const named = await m.tx.membership.findUniqueOrThrow({ where, select: NAMED });
    const before = { name: getMemberName(named), role: member.role, readsValues: mayReadValues(member) };
    const asked = wanted ?? (role === member.role ? member.readsValues : hasValuesByRole(role));
    const readsValues = mayReadValues({ role, readsValues: asked });
    if (before.name === name && before.role === role && before.readsValues === readsValues) {
      m.reportUnchanged();
      return { revision: member.revision };
    }
    const revision = await countEdit(m.tx, ctx, {
      kind: 'membership',
      noun: 'member',
      id: membershipId,
      seen,
      actions: ['member.rename', 'member.change_role', 'member.give_values', 'member.take_values'],
      readPresent: () => before,
    });
    const entry = { entityType: 'member', entityId: membershipId };
    if (before.role !== role) {
      await refuseLastOwner(m, member);
      await withdrawLinksOf(m, ctx, membershipId);
      await m.audit({ ...entry, action: 'member.change_role', before: { role: before.role }, after: { role } });
    }
    if (before.readsValues !== readsValues) {
      refuseOwnGrant(ctx.actor, { membershipId, readsValues });
      await m.audit({ ...entry, action: readsValues ? 'member.give_values' : 'member.take_values' });
    }
    if (before.name !== name) await m.audit({ ...entry, action: 'member.rename' });
    await m.tx.membership.update({ where, data: { role, readsValues, displayName: name === named.user.name ? null : name } });
    m.signal('member', membershipId);
    return { revision };
  });
}

/** Also not by another role. Owners need nobody: theirs is the role that has it. */
function refuseOwnGrant(actor: Actor, { membershipId, readsValues }: { membershipId: string; readsValues: boolean }): void {
  if (!readsValues || getActorId(actor) !== membershipId) return;
  throw new ServiceError('not_permitted', 'Nobody gives the reading of values to oneself. Ask an owner or another admin.');
}
