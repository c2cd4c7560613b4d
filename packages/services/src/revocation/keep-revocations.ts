import { mutate, read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { passAheadVersions } from '../snapshot/pass-ahead-versions.ts';
import { refreshSnapshots } from '../snapshot/refresh-snapshots.ts';
import { backfillRevocations } from './backfill-revocations.ts';
import { pruneRevocations } from './prune-revocations.ts';
import { takeOverRevocations } from './take-over-revocations.ts';
import { renewHead } from './write-revocations.ts';

/** A head that is older is signed again. Agents may be told to stop when theirs is older than 15 minutes. */
const RENEW_MS = 5 * 60_000;

/**
 * System job: keeps the tenant's revocation log whole and its head fresh. What was revoked before there was a log goes in, what agents hand back
 * after a restore is taken over before anything is signed for them, sites go on above the versions that their agents serve, and what nobody needs
 * any more leaves the log.
 */
export async function keepRevocations({
  ctx,
}: {
  ctx: ServiceContext;
}): Promise<{ added: number; takenOver: number; passed: number; pruned: number; renewed: boolean }> {
  authorize(ctx, 'revocation.keep');
  const added = await backfillRevocations({ ctx });
  const takenOver = await takeOverRevocations({ ctx });
  const pruned = await pruneRevocations({ ctx });
  const renewed = await renewIfDue(ctx);
  // last, because a site that cannot be written is no reason for a log that grows old
  if (takenOver > 0) await refreshSnapshots({ ctx });
  const { passed } = await passAheadVersions({ ctx });
  return { added, takenOver, passed, pruned, renewed };
}

async function renewIfDue(ctx: ServiceContext): Promise<boolean> {
  authorize(ctx, 'revocation.keep');
  const { tenantId, runtime } = ctx;
  const head = await read(ctx, (tx) => tx.revocationHead.findUnique({ where: { tenantId }, select: { asOf: true } }));
  if (head?.asOf && runtime.now().getTime() - head.asOf.getTime() < RENEW_MS) return false;
  await mutate(ctx, (m) => renewHead(m, ctx), { audited: false });
  return true;
}
