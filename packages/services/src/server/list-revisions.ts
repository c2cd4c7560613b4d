import { z } from 'zod';

import { Prisma, type ReviewState } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { countByKind, type EntryCounts } from '@gatehouse/policy/documents/entry-counts';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { findPage, type ListPage, orderByIds, type SortKey } from '../list/find-page.ts';
import { buildListInput, buildSearchCondition, buildWhen } from '../list/list-input.ts';

export const ListRevisions = z.strictObject({
  ...buildListInput(['number']),
  serverId: z.uuid(),
  /** those whose review is in this state */
  review: z.enum(['open', 'decided', 'superseded', 'expired']).optional(),
});
export type ListRevisions = z.input<typeof ListRevisions>;

export interface RevisionRow {
  id: string;
  number: number;
  createdAt: Date;
  offered: EntryCounts;
  reviewId: string | null;
  reviewState: ReviewState | null;
}

const SORTS = { number: { key: Prisma.sql`r.number`, type: 'number', direction: 'desc' } } as const satisfies Record<
  string,
  SortKey
>;

/** What was ever found at a server, newest first. A word that is searched for stands in the name of something that it offered. */
export async function listRevisions({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: ListRevisions;
}): Promise<ListPage<RevisionRow>> {
  authorize(ctx, 'server.read');
  const asked = parseInput(ListRevisions, input);
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    const named = buildSearchCondition([Prisma.sql`e.name`], asked.search);
    const { ids, ...page } = await findPage(tx, {
      from: Prisma.sql`server_revision r`,
      where: Prisma.sql`r.tenant_id = ${tenantId}::uuid and r.server_id = ${asked.serverId}::uuid
        ${asked.search ? Prisma.sql`and exists (select from revision_entry e where e.tenant_id = r.tenant_id and e.revision_id = r.id ${named})` : Prisma.empty}
        ${buildWhen(
          asked.review,
          (state) => Prisma.sql`exists (select from review v
            where v.tenant_id = r.tenant_id and v.revision_id = r.id and v.state = ${state}::review_state)`,
        )}`,
      id: Prisma.sql`r.id`,
      sorts: SORTS,
      input: asked,
    });
    const rows = await loadRevisions(tx, tenantId, ids);
    return { rows, ...page };
  });
}

/** The rows of these revisions, in this order. */
export async function loadRevisions(tx: TenantTx, tenantId: string, ids: readonly string[]): Promise<RevisionRow[]> {
  const revisions = await tx.serverRevision.findMany({
    where: { tenantId, id: { in: [...ids] } },
    include: { reviews: { select: { id: true, state: true } } },
  });
  const counts = await tx.revisionEntry.groupBy({
    by: ['revisionId', 'kind'],
    where: { tenantId, revisionId: { in: [...ids] } },
    _count: true,
  });
  const countsOf = Map.groupBy(counts, ({ revisionId }) => revisionId);
  return orderByIds(ids, revisions, ({ id }) => id).map(({ id, number, createdAt, reviews }) => ({
    id,
    number,
    createdAt,
    offered: countByKind(countsOf.get(id) ?? [], ({ _count }) => _count),
    reviewId: reviews[0]?.id ?? null,
    reviewState: reviews[0]?.state ?? null,
  }));
}
