import { Prisma, type Server } from '@gatehouse/db/client';
import { countByKind, sumCounts } from '@gatehouse/policy/documents/entry-counts';

import type { Mutation } from '../../audit/mutate.ts';
import type { ServiceContext } from '../../context.ts';
import { countOffered } from '../../snapshot/offered-entries.ts';
import { keepDecisions } from './keep-decisions.ts';

/**
 * Inside the caller's mutation, which holds the server's lock: from here on nothing counts that was found at the address of before, nor what was
 * decided on it. What is under way there ends too: open reviews, decisions that wait for a second person, looks. Gives how many approvals stood.
 */
export async function endApprovals({ tx, signal }: Mutation, ctx: ServiceContext, server: Server): Promise<number> {
  const { tenantId, id: serverId } = server;
  const now = ctx.runtime.now();
  const counts = (await countOffered(tx, { tenantId, now, serverIds: [serverId] })).get(serverId) ?? [];
  await keepDecisions(tx, server);
  const newest = await tx.serverRevision.aggregate({ where: { tenantId, serverId }, _max: { number: true } });
  await tx.server.update({
    where: { tenantId_id: { tenantId, id: serverId } },
    data: { formerRevisions: newest._max.number ?? 0 },
  });
  const open = { tenantId, serverId, state: 'open' } as const;
  const reviews = await tx.review.findMany({ where: open, select: { id: true } });
  await tx.review.updateMany({ where: open, data: { state: 'superseded' } });
  await tx.review.updateMany({
    where: { tenantId, serverId, proposedBy: { not: null } },
    data: { proposal: Prisma.DbNull, proposedBy: null, proposedAt: null },
  });
  await tx.discovery.updateMany({
    where: { tenantId, serverId, status: { in: ['waiting', 'running'] } },
    data: {
      status: 'failed',
      errorCode: 'expired',
      errorText: 'The server was given another address meanwhile. Look at it again.',
      finishedAt: now,
    },
  });
  for (const { id } of reviews) signal('review', id);
  return sumCounts(countByKind(counts, ({ approved }) => approved));
}
