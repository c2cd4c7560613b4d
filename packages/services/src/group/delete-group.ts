import { z } from 'zod';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput, ServiceError } from '../errors.ts';
import { getDependents } from './group-dependents.ts';
import { lockGroup } from './require-group.ts';

export const DeleteGroup = z.strictObject({ groupId: z.uuid() });
export type DeleteGroup = z.input<typeof DeleteGroup>;

/** Most of what depends on a group that a refusal names. */
const NAMED = 3;

/** Removes a group that nothing was given to; its people stay. Throws `precondition` naming what it still has, and `not_found`. */
export async function deleteGroup({ ctx, input }: { ctx: ServiceContext; input: DeleteGroup }): Promise<void> {
  authorize(ctx, 'group.manage');
  const { groupId } = parseInput(DeleteGroup, input);
  const { tenantId } = ctx;
  await mutate(ctx, async ({ tx, audit, signal }) => {
    const { name } = await lockGroup(tx, tenantId, groupId);
    const { total, first } = await getDependents(tx, { tenantId, groupId, most: NAMED });
    if (total > 0) {
      const more = total - first.length;
      const names = first.map((one) => one.name);
      const listed = new Intl.ListFormat('en').format([...names, ...(more > 0 ? [`${more} more`] : [])]);
      throw new ServiceError(
        'precondition',
        `${name} has, owns or decides on ${listed}. Take that from the group first, then delete it.`,
      );
    }
    const members = await tx.groupMember.count({ where: { tenantId, groupId } });
    await audit({ action: 'group.delete', entityType: 'group', entityId: groupId, before: { name, members } });
    await tx.personGroup.delete({ where: { tenantId_id: { tenantId, id: groupId } } });
    signal('group', groupId);
  });
}
