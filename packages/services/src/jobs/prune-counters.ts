import type { Runtime } from '../runtime.ts';

/** Removes login counters in Postgres that have run out; in Redis they go by themselves. */
export async function pruneCounters({ runtime }: { runtime: Runtime }): Promise<{ removed: number }> {
  const now = BigInt(runtime.now().getTime());
  const { count } = await runtime.db.prisma.rateLimit.deleteMany({ where: { expire: { lt: now } } });
  return { removed: count };
}
