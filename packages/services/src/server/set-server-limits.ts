import { z } from 'zod';

import { toCanonicalJson } from '@gatehouse/policy/documents/canonical';
import { ServerLimits } from '@gatehouse/policy/documents/server-limits';

import { createActId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { countEdit, SeenRevision } from '../edit-lock.ts';
import { parseInput } from '../errors.ts';
import { writeConfigurations } from '../snapshot/write-configuration.ts';
import { refuseArchived, toServerEdit } from './edit/server-edit.ts';
import { NewServerLimits } from './new-server-limits.ts';
import { lockServer } from './require-server.ts';
import { listServerSiteIds } from './sites.ts';

export const SetServerLimits = z.strictObject({
  serverId: z.uuid(),
  /** all of them: what is left out is the default again */
  limits: NewServerLimits,
  revision: SeenRevision,
});
export type SetServerLimits = z.input<typeof SetServerLimits>;

/** Sets how long a server may take; agents go by it with their next configuration. Throws `not_found`, and EditConflictError when somebody else was first. */
export async function setServerLimits({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: SetServerLimits;
}): Promise<{ revision: number }> {
  authorize(ctx, 'server.manage');
  const { serverId, limits, revision: seen } = parseInput(SetServerLimits, input);
  const { tenantId } = ctx;
  return mutate(ctx, async (mutation) => {
    const { tx, audit, signal, reportUnchanged } = mutation;
    const server = await lockServer(tx, tenantId, serverId);
    refuseArchived(server);
    const before = ServerLimits.parse(server.limits ?? {});
    if (toCanonicalJson(before) === toCanonicalJson(limits)) {
      reportUnchanged();
      return { revision: server.revision };
    }
    const revision = await countEdit(
      tx,
      ctx,
      toServerEdit(server, seen, () => ({ limits: before })),
    );
    const auditId = createActId();
    await audit({
      id: auditId,
      action: 'server.set_limits',
      entityType: 'server',
      entityId: serverId,
      before: { limits: before },
      after: { limits },
    });
    await tx.server.update({
      where: { tenantId_id: { tenantId, id: serverId } },
      data: { limits, limitsAuditId: auditId },
    });
    await writeConfigurations(mutation, ctx, await listServerSiteIds(tx, tenantId, serverId), 'server.set_limits', {
      catalogue: true,
    });
    signal('server', serverId);
    return { revision };
  });
}
