import { z } from 'zod';

import type { TenantTx } from '@gatehouse/db/tenant';

/** What was deleted, as it was called last: receipts go on naming it. */
export interface DeletedName {
  id: string;
  slug: string;
  name: string;
}

const Before = z.object({ slug: z.string(), name: z.string() });

/**
 * By id. The log is what is left of a deleted thing, and it is never changed: the act `<entity>.delete` says in `before` what it was called. An id of
 * another tenant, and of what was never deleted, finds nothing.
 */
export async function getDeletedNames(
  tx: TenantTx,
  tenantId: string,
  entityType: 'agent' | 'profile' | 'server' | 'site',
  ids: readonly string[],
): Promise<ReadonlyMap<string, DeletedName>> {
  if (ids.length === 0) return new Map();
  const acts = await tx.adminAudit.findMany({
    where: { tenantId, entityId: { in: [...ids] }, actorKind: 'person', action: `${entityType}.delete` },
    select: { entityId: true, before: true },
  });
  return new Map(
    acts.flatMap(({ entityId: id, before }): [string, DeletedName][] => {
      const { data } = Before.safeParse(before);
      return data ? [[id, { id, ...data }]] : [];
    }),
  );
}
