import type { Prisma } from '@gatehouse/db/client';

import type { Runtime } from '../runtime.ts';
import type { JobPayload, TenantJobName } from './contracts.ts';

const PAGE = 500;

/** Queues a tenant job for every tenant that it is for; for those whose end is due only the job that ends them. */
export async function sweepTenants({
  runtime,
  input,
}: {
  runtime: Runtime;
  input: JobPayload<'sweep-tenants'>;
}): Promise<{ queued: number }> {
  const now = runtime.now();
  const where = findTenants(input.job, now);
  let queued = 0;
  for (let last: string | undefined; ;) {
    const page = await runtime.db.prisma.tenant.findMany({
      where,
      select: { id: true },
      orderBy: { id: 'asc' },
      take: PAGE,
      ...(last === undefined ? {} : { cursor: { id: last }, skip: 1 }),
    });
    for (const { id } of page) await runtime.queues.enqueueForTenant(input.job, id);
    queued += page.length;
    last = page.at(-1)?.id;
    if (page.length < PAGE) return { queued };
  }
}

function findTenants(job: TenantJobName, now: Date): Prisma.TenantWhereInput {
  if (job === 'erase-tenant') return { deleteAfter: { lte: now } };
  const lives = { OR: [{ deleteAfter: null }, { deleteAfter: { gt: now } }] };
  return job === 'send-mails' ? { ...lives, suspendedAt: null, mailDueAt: { lte: now } } : lives;
}
