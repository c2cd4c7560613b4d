import type { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { createNotFoundError } from '../errors.ts';

const REVIEW = {
  server: true,
  revision: { include: { entries: { orderBy: [{ kind: 'asc' }, { name: 'asc' }] } } },
  decisions: true,
} as const satisfies Prisma.ReviewInclude;

export type LoadedReview = Prisma.ReviewGetPayload<{ include: typeof REVIEW }>;

/** A review with its server, what its revision holds, and the decisions on it. Throws `not_found`. */
export async function requireReview(tx: TenantTx, tenantId: string, reviewId: string): Promise<LoadedReview> {
  const review = await tx.review.findUnique({ where: { tenantId_id: { tenantId, id: reviewId } }, include: REVIEW });
  if (!review) throw createNotFoundError('review');
  return review;
}

/** Of each server the review that was opened last: only that one may be decided again. */
export async function listNewestReviewIds(tx: TenantTx, tenantId: string, serverIds: readonly string[]): Promise<Set<string>> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select newest.id
    from unnest(${serverIds}::uuid[]) server (id)
    cross join lateral (
      select id from review r where r.tenant_id = ${tenantId}::uuid and r.server_id = server.id
      order by created_at desc, id desc limit 1
    ) newest`;
  return new Set(rows.map(({ id }) => id));
}
