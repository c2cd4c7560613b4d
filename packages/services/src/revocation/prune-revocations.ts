import type { TenantTx } from '@gatehouse/db/tenant';

import { mutate, read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { DAY_MS } from '../durations.ts';
import { openSigner } from '../signing/sign.ts';
import { lockHead, signHead } from './write-revocations.ts';

/** So much later than a client key ran out its end leaves the log: the clock of an agent may be wrong. */
const MARGIN_MS = 7 * DAY_MS;
/** An agent that was away for longer serves nothing any more; one that comes back and names a root of before is sent the whole log. */
const FORGET_MS = 30 * DAY_MS;
/** Entries that one transaction removes. */
const BATCH = 5_000;

/**
 * System job, once a day: takes out of the tenant's log what no agent needs any more, because the client keys that it ended, or whose sessions it ended, have run
 * out by themselves. The head says so, and agents do the same. Waits for agents that keep a log and cannot. Returns how many entries went.
 */
export async function pruneRevocations({ ctx }: { ctx: ServiceContext }): Promise<number> {
  authorize(ctx, 'revocation.keep');
  const { tenantId, runtime } = ctx;
  const now = runtime.now().getTime();
  const target = new Date(Math.floor((now - MARGIN_MS) / DAY_MS) * DAY_MS);
  const isDue = await read(ctx, async (tx) => {
    const head = await tx.revocationHead.findUnique({ where: { tenantId }, select: { prunedUntil: true } });
    // pruned up to a later time: this clock was wrong then, and agents bring back what went too early
    const isTooFar = head?.prunedUntil && head.prunedUntil > target;
    const first = await tx.revocation.findFirst({ where: { tenantId, pruneAt: { lte: target } }, select: { seq: true } });
    return (isTooFar || first !== null) && !(await isHeldUp(tx, tenantId, new Date(now - FORGET_MS)));
  });
  if (!isDue) return 0;
  for (let total = 0; ;) {
    const { count, isDone } = await pruneBatch(ctx, target);
    total += count;
    if (isDone) return total;
  }
}

async function pruneBatch(ctx: ServiceContext, target: Date): Promise<{ count: number; isDone: boolean }> {
  authorize(ctx, 'revocation.keep');
  const { tenantId, runtime } = ctx;
  const forgotten = new Date(runtime.now().getTime() - FORGET_MS);
  return mutate(ctx, async (m) => {
    const { lastSeq } = await lockHead(m.tx, tenantId);
    const last = await m.tx.revocation.findFirst({
      where: { tenantId, pruneAt: { lte: target } },
      orderBy: { pruneAt: 'asc' },
      skip: BATCH - 1,
      select: { pruneAt: true },
    });
    const prunedUntil = last?.pruneAt ?? target;
    const { count } = await m.tx.revocation.deleteMany({ where: { tenantId, pruneAt: { lte: prunedUntil } } });
    if (count === 0) m.reportUnchanged();
    else await m.audit({ action: 'revocation.prune', entityType: 'tenant', entityId: tenantId, after: { count } });
    await signHead(m, ctx, { lastSeq, prunedUntil, sign: await openSigner(ctx, m.tx) });
    await m.tx.revocationRoot.deleteMany({ where: { tenantId, signedAt: { lt: forgotten } } });
    return { count, isDone: last === null };
  });
}

/** An agent that keeps a log and cannot prune it would hand back each time what went, and take its log for an old one. */
async function isHeldUp(tx: TenantTx, tenantId: string, since: Date): Promise<boolean> {
  const [agents] = await tx.$queryRaw<{ waits: boolean }[]>`
    select exists (
      select from agent
      where tenant_id = ${tenantId}::uuid and revoked_at is null and last_seen_at > ${since}
        and 'revocations' = any(features) and not 'pruned-sessions' = any(features)) as waits`;
  return agents?.waits ?? false;
}
