import type { Runtime } from '../runtime.ts';

/** Removes login counters in Postgres that have run out (in Redis they go by themselves), and challenges that nobody signed in time. */
export async function pruneCounters({ runtime }: { runtime: Runtime }): Promise<{ removed: number; challenges: number }> {
  const now = runtime.now();
  const { count } = await runtime.db.prisma.rateLimit.deleteMany({ where: { expire: { lt: BigInt(now.getTime()) } } });
  const challenges = await runtime.db.prisma.passkeyChallenge.deleteMany({ where: { expiresAt: { lt: now } } });
  return { removed: count, challenges: challenges.count };
}
