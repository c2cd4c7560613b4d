import type { Prisma } from '@gatehouse/db/client';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { findOverdueProblem, RUN_GRACE_MS } from './discovery-view.ts';

/** Discoveries that one transaction ends. */
const BATCH = 200;

/** System job: stores as failed what no agent picked up or finished in time. */
export async function expireDiscoveries({ ctx }: { ctx: ServiceContext }): Promise<{ expired: number }> {
  authorize(ctx, 'record.expire');
  for (let total = 0; ;) {
    const { due, expired } = await expireBatch(ctx);
    total += expired;
    if (due < BATCH) return { expired: total };
  }
}

async function expireBatch(ctx: ServiceContext): Promise<{ due: number; expired: number }> {
  authorize(ctx, 'record.expire');
  const { tenantId } = ctx;
  const now = ctx.runtime.now();
  return mutate(
    ctx,
    async ({ tx, signal }) => {
      const unfinished: Prisma.DiscoveryWhereInput = { tenantId, status: { in: ['waiting', 'running'] } };
      const overdue: Prisma.DiscoveryWhereInput[] = [
        { status: 'waiting', expiresAt: { lte: now } },
        { status: 'running', runBy: { lte: new Date(now.getTime() - RUN_GRACE_MS) } },
        { status: 'running', runBy: null, expiresAt: { lte: new Date(now.getTime() - RUN_GRACE_MS) } },
      ];
      const due = await tx.discovery.findMany({ where: { tenantId, OR: overdue }, take: BATCH });
      let expired = 0;
      for (const { id, serverId, ...row } of due) {
        const problem = findOverdueProblem(row, now);
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
      return { due: due.length, expired };
    },
    { audited: false },
  );
}
