import { z } from 'zod';

import type { TenantTx } from '@gatehouse/db/tenant';
import { countByKind, type EntryCounts } from '@gatehouse/policy/documents/entry-counts';

import { AddressId } from '../address.ts';
import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { createNotFoundError, parseInput } from '../errors.ts';
import { type DiscoveryView, toDiscoveryView } from './discovery-view.ts';
import { type HeldBack, listHeldBack } from './held-back.ts';

export const GetDiscovery = z.strictObject({ discoveryId: AddressId });
export type GetDiscovery = z.input<typeof GetDiscovery>;

export interface DiscoveryDetail extends DiscoveryView {
  serverSlug: string;
  agentName: string | null;
  /** review to decide next, when one is open on what was found */
  openReviewId: string | null;
  /** entries of that review on which nobody has decided; what was decided on before counts meanwhile */
  waitingCount: number;
  /** null: it has found nothing yet */
  found: EntryCounts | null;
  /** what of the server is not among that, and why; null: nothing, or its agent is of before it said so part by part */
  heldBack: HeldBack | null;
}

/** One discovery with its stages. Throws `not_found`. */
export async function getDiscovery({ ctx, input }: { ctx: ServiceContext; input: GetDiscovery }): Promise<DiscoveryDetail> {
  authorize(ctx, 'server.read');
  const { discoveryId } = parseInput(GetDiscovery, input);
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    const row = await tx.discovery.findUnique({
      where: { tenantId_id: { tenantId, id: discoveryId } },
      include: { server: { select: { slug: true } } },
    });
    if (!row) throw createNotFoundError('discovery');
    const agent = await tx.agent.findUnique({ where: { tenantId_id: { tenantId, id: row.agentId } }, select: { name: true } });
    const { revisionId, siteId } = row;
    const looks = revisionId === null ? [] : await listHeldBack(tx, { tenantId, revisionId });
    const review =
      revisionId && (await tx.review.findFirst({ where: { tenantId, revisionId, state: 'open' }, select: { id: true } }));
    return {
      ...toDiscoveryView(row, ctx.runtime.now()),
      serverSlug: row.server.slug,
      agentName: agent?.name ?? null,
      openReviewId: review ? review.id : null,
      waitingCount: review ? await tx.entryDecision.count({ where: { tenantId, reviewId: review.id, verdict: 'pending' } }) : 0,
      found: revisionId === null ? null : await countFound(tx, tenantId, revisionId),
      heldBack: looks.find(({ site }) => site.id === siteId) ?? null,
    };
  });
}

async function countFound(tx: TenantTx, tenantId: string, revisionId: string): Promise<EntryCounts> {
  const rows = await tx.revisionEntry.groupBy({ by: ['kind'], where: { tenantId, revisionId }, _count: true });
  return countByKind(rows, ({ _count }) => _count);
}
