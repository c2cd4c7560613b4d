import { z } from 'zod';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { countEdit, SeenRevision } from '../edit-lock.ts';
import { parseInput } from '../errors.ts';
import { createNameSchema } from '../name.ts';
import { refuseTakenName } from './group-name.ts';
import { lockGroup } from './require-group.ts';

export const UpdateGroup = z.strictObject({
  groupId: z.uuid(),
  name: createNameSchema(80),
  description: z.string().trim().max(500),
  revision: SeenRevision,
});
export type UpdateGroup = z.input<typeof UpdateGroup>;

/** Changes what a group is called and what it is for. Throws EditConflictError when somebody else was first, `conflict` for a taken name, and `not_found`. */
export async function updateGroup({ ctx, input }: { ctx: ServiceContext; input: UpdateGroup }): Promise<{ revision: number }> {
  authorize(ctx, 'group.manage');
  const { groupId, name, description, revision: seen } = parseInput(UpdateGroup, input);
  const { tenantId } = ctx;
  return mutate(ctx, async ({ tx, audit, signal, reportUnchanged }) => {
    const group = await lockGroup(tx, tenantId, groupId);
    const before = { name: group.name, description: group.description };
    if (before.name === name && before.description === description) {
      reportUnchanged();
      return { revision: group.revision };
    }
    const edit = { kind: 'person_group', noun: 'group', id: groupId, seen, actions: ['group.update'] } as const;
    const revision = await countEdit(tx, ctx, { ...edit, readPresent: () => before });
    await refuseTakenName(tx, tenantId, name, groupId);
    const after = { name, description };
    await audit({ action: 'group.update', entityType: 'group', entityId: groupId, before, after });
    await tx.personGroup.update({ where: { tenantId_id: { tenantId, id: groupId } }, data: after });
    signal('group', groupId);
    return { revision };
  });
}
