import { z } from 'zod';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { createNameSchema } from '../name.ts';
import { refuseTakenName } from './group-name.ts';

export const CreateGroup = z.strictObject({
  name: createNameSchema(80),
  description: z.string().trim().max(500).default(''),
});
export type CreateGroup = z.input<typeof CreateGroup>;

/** A group that nobody is in and that has nothing. Throws `conflict` when another one has its name. */
export async function createGroup({ ctx, input }: { ctx: ServiceContext; input: CreateGroup }): Promise<{ id: string }> {
  authorize(ctx, 'group.manage');
  const { name, description } = parseInput(CreateGroup, input);
  const { tenantId } = ctx;
  return mutate(ctx, async ({ tx, audit, signal }) => {
    await refuseTakenName(tx, tenantId, name);
    const createdAt = ctx.runtime.now();
    const { id } = await tx.personGroup.create({
      data: { tenantId, name, description, createdBy: getActorId(ctx.actor), createdAt },
      select: { id: true },
    });
    await audit({ action: 'group.create', entityType: 'group', entityId: id, after: { name, description } });
    signal('group', id);
    return { id };
  });
}
