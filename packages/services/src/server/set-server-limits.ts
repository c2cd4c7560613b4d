import { z } from 'zod';

import { toCanonicalJson } from '@gatehouse/policy/documents/canonical';
import { ServerLimits } from '@gatehouse/policy/documents/server-limits';

import { createActId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput, ServiceError } from '../errors.ts';
import { writeConfigurations } from '../snapshot/write-configuration.ts';
import { NewServerLimits } from './new-server-limits.ts';
import { lockServer } from './require-server.ts';
import { listServerSiteIds } from './sites.ts';

export const SetServerLimits = z.strictObject({
  serverId: z.uuid(),
  /** all of them: what is left out is the default again */
  limits: NewServerLimits,
  /** `limitsVersion` that the editor started from: a change over someone else's is refused */
  basedOn: z.uuid().nullable(),
});
export type SetServerLimits = z.input<typeof SetServerLimits>;

/** Sets how long a server may take; agents go by it with their next configuration. Throws `not_found`, and `conflict` when somebody else was first. */
export async function setServerLimits({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: SetServerLimits;
}): Promise<{ limitsVersion: string | null }> {
  authorize(ctx, 'server.manage');
  const { serverId, limits, basedOn } = parseInput(SetServerLimits, input);
  const { tenantId } = ctx;
  return mutate(ctx, async (mutation) => {
    const { tx, audit, signal, reportUnchanged } = mutation;
    const server = await lockServer(tx, tenantId, serverId);
    if (server.limitsAuditId !== basedOn) {
      throw new ServiceError('conflict', 'Someone else has changed these limits. Reload the page and make your change again.');
    }
    const before = ServerLimits.parse(server.limits ?? {});
    if (toCanonicalJson(before) === toCanonicalJson(limits)) {
      reportUnchanged();
      return { limitsVersion: server.limitsAuditId };
    }
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
    return { limitsVersion: auditId };
  });
}
