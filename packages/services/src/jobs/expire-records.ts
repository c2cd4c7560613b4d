import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { expireDiscoveries } from '../discovery/expire-discoveries.ts';
import { pruneRevisions } from '../discovery/prune-revisions.ts';
import { refreshSnapshots } from '../snapshot/refresh-snapshots.ts';

/** A token or link that led nowhere is kept this long, for those who look why an agent or a person did not come. */
const KEEP_TOKENS_MS = 30 * 24 * 3_600_000;
/** Reviews that one transaction closes. */
const REVIEW_BATCH = 200;

/**
 * System job: closes reviews whose approvals have lapsed, ends discoveries that ran out of time, removes old join tokens and links and
 * revisions that nobody refers to, and takes what depended on a lapsed approval or client key out of what sites serve.
 */
export async function expireRecords({
  ctx,
}: {
  ctx: ServiceContext;
}): Promise<{ reviews: number; discoveries: number; tokens: number; revisions: number; snapshots: number }> {
  authorize(ctx, 'record.expire');
  const reviews = await expireReviews(ctx);
  const { expired: discoveries } = await expireDiscoveries({ ctx });
  const tokens = (await removeOldTokens(ctx)) + (await removeOldLinks(ctx));
  const { pruned: revisions } = await pruneRevisions({ ctx });
  const { written } = await refreshSnapshots({ ctx });
  return { reviews, discoveries, tokens, revisions, snapshots: written };
}

async function expireReviews(ctx: ServiceContext): Promise<number> {
  authorize(ctx, 'record.expire');
  for (let total = 0; ;) {
    const closed = await expireReviewBatch(ctx);
    total += closed;
    if (closed < REVIEW_BATCH) return total;
  }
}

/** Each review is the subject of a row of the admin log of its own. Returns how many were closed. */
async function expireReviewBatch(ctx: ServiceContext): Promise<number> {
  authorize(ctx, 'record.expire');
  const { tenantId, runtime } = ctx;
  return mutate(ctx, async (m) => {
    const lapsed = await m.tx.review.updateManyAndReturn({
      where: { tenantId, state: 'decided', validUntil: { lte: runtime.now() } },
      data: { state: 'expired' },
      select: { id: true, serverId: true },
      limit: REVIEW_BATCH,
    });
    if (lapsed.length === 0) m.reportUnchanged();
    await m.audit(
      ...lapsed.map(({ id, serverId }) => {
        return { action: 'review.expire', entityType: 'review', entityId: id, after: { serverId } };
      }),
    );
    for (const { id, serverId } of lapsed) {
      m.signal('review', id);
      m.signal('server', serverId);
    }
    return lapsed.length;
  });
}

async function removeOldTokens(ctx: ServiceContext): Promise<number> {
  authorize(ctx, 'record.expire');
  const { tenantId, runtime } = ctx;
  const before = new Date(runtime.now().getTime() - KEEP_TOKENS_MS);
  return mutate(ctx, async (m) => {
    const { count } = await m.tx.joinToken.deleteMany({ where: { tenantId, expiresAt: { lt: before } } });
    if (count === 0) m.reportUnchanged();
    else await m.audit({ action: 'join_token.prune', entityType: 'tenant', entityId: tenantId, after: { count } });
    return count;
  });
}

/** Links that were used stay: they say who had in hand what made a member. */
async function removeOldLinks(ctx: ServiceContext): Promise<number> {
  authorize(ctx, 'record.expire');
  const { tenantId, runtime } = ctx;
  const before = { lt: new Date(runtime.now().getTime() - KEEP_TOKENS_MS) };
  return mutate(ctx, async (m) => {
    const { count } = await m.tx.accountToken.deleteMany({
      where: { tenantId, usedAt: null, OR: [{ expiresAt: before }, { withdrawnAt: before }] },
    });
    if (count === 0) m.reportUnchanged();
    else await m.audit({ action: 'account_link.prune', entityType: 'tenant', entityId: tenantId, after: { count } });
    return count;
  });
}
