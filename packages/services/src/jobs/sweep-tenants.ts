import type { Runtime } from '../runtime.ts';
import type { JobPayload } from './contracts.ts';

const PAGE = 500;

/** Queues a tenant job for every tenant; for those whose end is due only the job that ends them. */
export async function sweepTenants({
  runtime,
  input,
}: {
  runtime: Runtime;
  input: JobPayload<'sweep-tenants'>;
}): Promise<{ queued: number }> {
  const now = runtime.now();
  const isDue = { deleteAfter: { lte: now } };
  const where = input.job === 'erase-tenant' ? isDue : { OR: [{ deleteAfter: null }, { deleteAfter: { gt: now } }] };
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
