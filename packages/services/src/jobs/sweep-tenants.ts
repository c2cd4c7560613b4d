import type { Runtime } from '../runtime.ts';
import type { JobPayload } from './contracts.ts';

const PAGE = 500;

/** Queues a tenant job for every tenant. */
export async function sweepTenants({
  runtime,
  input,
}: {
  runtime: Runtime;
  input: JobPayload<'sweep-tenants'>;
}): Promise<{ queued: number }> {
  let queued = 0;
  for (let last: string | undefined; ;) {
    const page = await runtime.db.prisma.tenant.findMany({
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
