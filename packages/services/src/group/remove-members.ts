import { z } from 'zod';

import { createActId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { createNotFoundError, parseInput } from '../errors.ts';
import { revokeLostKeys, writeLostKeys } from '../profile/effective-access.ts';
import { tryConfigurations } from '../snapshot/try-configurations.ts';
import { getAccessChange } from './access-change.ts';
import { MOST_AT_ONCE } from './add-members.ts';
import { lockOwnGroup, lockProfilesOf } from './require-group.ts';

export const RemoveMembers = z.strictObject({
  groupId: z.uuid(),
  membershipIds: z.array(z.uuid()).min(1).max(MOST_AT_ONCE),
});
export type RemoveMembers = z.input<typeof RemoveMembers>;

/**
 * Takes people out of a group. What nothing else gives them they lose: their client keys for it are revoked, and agents hear of that by the revocation log.
 * Throws `not_found` when none of them is in it, and `precondition` where the identity provider says who is.
 */
export async function removeMembers({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: RemoveMembers;
}): Promise<{ removed: number; revokedKeys: number }> {
  authorize(ctx, 'group.manage');
  const { groupId, membershipIds: asked } = parseInput(RemoveMembers, input);
  const { tenantId } = ctx;
  return mutate(ctx, async (m) => {
    const { tx } = m;
    const { name } = await lockOwnGroup(tx, tenantId, groupId);
    const among = { tenantId, groupId, membershipId: { in: asked } };
    const inside = await tx.groupMember.findMany({
      where: among,
      select: { membershipId: true },
      orderBy: { membershipId: 'asc' },
    });
    if (inside.length === 0) throw createNotFoundError('person in this group');
    const membershipIds = inside.map(({ membershipId }) => membershipId);
    const profileIds = await lockProfilesOf(tx, tenantId, groupId);
    await tx.groupMember.deleteMany({ where: among });
    const lost = await revokeLostKeys(m, ctx, { profileIds, membershipIds });
    const acts = new Map(membershipIds.map((membershipId) => [membershipId, createActId()]));
    const lostBy = Map.groupBy(lost, ({ membershipId }) => membershipId);
    await m.audit(
      ...Array.from(acts, ([membershipId, id]) => {
        const revokedKeyIds = (lostBy.get(membershipId) ?? []).map((key) => key.id);
        const change = { before: { name, membershipId }, after: { name, revokedKeyIds } };
        return { id, action: 'group.remove_member', entityType: 'group', entityId: groupId, ...change };
      }),
    );
    await writeLostKeys(m, ctx, lost, ({ membershipId }) => acts.get(membershipId) ?? '');
    const { siteIds, change } = await getAccessChange(tx, tenantId, { profileIds, membershipIds, lost });
    await tryConfigurations(m, ctx, siteIds, 'group.remove_member', change);
    m.signal('group', groupId);
    for (const id of profileIds) m.signal('profile', id);
    return { removed: membershipIds.length, revokedKeys: lost.length };
  });
}
