import { z } from 'zod';

import { createActId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { createNotFoundError, parseInput } from '../errors.ts';
import { writeConfigurations } from '../snapshot/write-configuration.ts';
import { getAccessChange } from './access-change.ts';
import { lockOwnGroup, lockProfilesOf } from './require-group.ts';

/** Most people who are put into a group, or taken out of it, at once. */
export const MOST_AT_ONCE = 200;

export const AddMembers = z.strictObject({
  groupId: z.uuid(),
  membershipIds: z.array(z.uuid()).min(1).max(MOST_AT_ONCE),
});
export type AddMembers = z.input<typeof AddMembers>;

/**
 * Puts people into a group: they may use what it was given, and agents are told so at once. Whoever is in it already stays. Throws `not_found` when one of them
 * is no member of the workspace, and `precondition` where the identity provider says who is in it.
 */
export async function addMembers({ ctx, input }: { ctx: ServiceContext; input: AddMembers }): Promise<{ added: number }> {
  authorize(ctx, 'group.manage');
  const { groupId, membershipIds: asked } = parseInput(AddMembers, input);
  const { tenantId } = ctx;
  return mutate(ctx, async (m) => {
    const { tx } = m;
    const { name } = await lockOwnGroup(tx, tenantId, groupId);
    const ids = [...new Set(asked)].toSorted();
    // whoever is being removed from the workspace is waited for
    const people = await tx.$queryRaw<{ id: string }[]>`
      select id from membership where tenant_id = ${tenantId}::uuid and id = any(${ids}::uuid[]) and ended_at is null order by id for share`;
    if (people.length < ids.length) throw createNotFoundError('person');
    const inside = await tx.groupMember.findMany({
      where: { tenantId, groupId, membershipId: { in: ids } },
      select: { membershipId: true },
    });
    const known = new Set(inside.map(({ membershipId }) => membershipId));
    const membershipIds = ids.filter((id) => !known.has(id));
    if (membershipIds.length === 0) {
      m.reportUnchanged();
      return { added: 0 };
    }
    const rows = membershipIds.map((membershipId) => ({ membershipId, auditId: createActId() }));
    await m.audit(
      ...rows.map(({ membershipId, auditId: id }) => {
        return { id, action: 'group.add_member', entityType: 'group', entityId: groupId, after: { name, membershipId } };
      }),
    );
    const common = { tenantId, groupId, addedBy: getActorId(ctx.actor), addedAt: ctx.runtime.now() };
    await tx.groupMember.createMany({ data: rows.map((row) => ({ ...common, ...row })) });
    const profileIds = await lockProfilesOf(tx, tenantId, groupId);
    const { siteIds, change } = await getAccessChange(tx, tenantId, { profileIds, membershipIds });
    await writeConfigurations(m, ctx, siteIds, 'group.add_member', change);
    m.signal('group', groupId);
    for (const id of profileIds) m.signal('profile', id);
    return { added: membershipIds.length };
  });
}
