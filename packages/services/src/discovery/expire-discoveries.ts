import type { Prisma } from '@gatehouse/db/client';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { findOverdueProblem } from './discovery-view.ts';

/** System job: stores as failed what no agent picked up or finished in time. */
export async function expireDiscoveries({ ctx }: { ctx: ServiceContext }): Promise<{ expired: number }> {
  authorize(ctx, 'record.expire');
  const { tenantId } = ctx;
  const now = ctx.runtime.now();
  return mutate(
    ctx,
    async ({ tx, signal }) => {
      const unfinished: Prisma.DiscoveryWhereInput = { tenantId, status: { in: ['waiting', 'running'] } };
      const due = await tx.discovery.findMany({ where: { ...unfinished, expiresAt: { lte: now } } });
      let expired = 0;
      for (const { id, serverId, status, expiresAt } of due) {
        const problem = findOverdueProblem({ status, expiresAt }, now);
        if (!problem) continue;
        // a result that has arrived meanwhile stays
        const { count } = await tx.discovery.updateMany({
          where: { ...unfinished, id },
          data: { status: 'failed', finishedAt: now, ...problem },
        });
        expired += count;
        if (count === 0) continue;
        signal('discovery', id);
        signal('server', serverId);
      }
      return { expired };
    },
    { audited: false },
  );
}
