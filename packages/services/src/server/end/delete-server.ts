import { z } from 'zod';

import { formatSome } from '@gatehouse/policy/names/some-of';

import { mutate } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { parseInput, ServiceError } from '../../errors.ts';
import { keepDecisions } from '../edit/keep-decisions.ts';
import { lockServer } from '../require-server.ts';
import { listProfileUses } from './server-use.ts';

export const DeleteServer = z.strictObject({
  serverId: z.uuid(),
  /** the name of the server, as the person has typed it */
  name: z.string().max(200),
});
export type DeleteServer = z.input<typeof DeleteServer>;

/**
 * Deletes an archived server with all that was found of it. Receipts and the log stay, and go on naming it; what was decided goes on weighing
 * wherever the same upstream is reviewed. Throws `precondition` unless
 * it is archived and no profile names it, in force or in its draft; `invalid` for another name; `not_found`.
 */
export async function deleteServer({ ctx, input }: { ctx: ServiceContext; input: DeleteServer }): Promise<{ id: string }> {
  authorize(ctx, 'server.manage');
  const { serverId: id, name: typed } = parseInput(DeleteServer, input);
  const { tenantId } = ctx;
  return mutate(ctx, async ({ tx, audit, signal }) => {
    const server = await lockServer(tx, tenantId, id);
    const { name, slug, archivedAt } = server;
    if (archivedAt === null) throw new ServiceError('precondition', `${name} is in use. Archive it first.`);
    if (typed.trim() !== name) throw new ServiceError('invalid', `Type the name ${name} to delete it.`, { field: 'name' });
    const uses = await listProfileUses(tx, tenantId, id);
    if (uses.length > 0) {
      throw new ServiceError(
        'precondition',
        `${formatSome(uses.map((use) => use.name))} still names it. Take it out of each draft and publish that, or delete the profile; then delete it.`,
      );
    }
    await audit({ action: 'server.delete', entityType: 'server', entityId: id, before: { name, slug } });
    await keepDecisions(tx, server);
    await tx.server.delete({ where: { tenantId_id: { tenantId, id } } });
    signal('server', id);
    return { id };
  });
}
