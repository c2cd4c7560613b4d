import type { ItemKind } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { itemDefinition } from '../discovery/item-definition.ts';
import type { ItemDefinition } from '../discovery/sort-items.ts';
import { itemKey, standingItemDecisions } from '../snapshot/approved-items.ts';

/** A prompt, resource or resource template of a server's newest revision with the decision that stands on it. */
export interface ServerItemView {
  kind: ItemKind;
  /** the server's own name of a prompt, the address of a resource, the address template */
  name: string;
  title: string | null;
  description: string | null;
  pin: string;
  /** untrusted text */
  definition: ItemDefinition;
  /** `pending`: nobody has decided on this very definition, or the decision has lapsed; it is off */
  verdict: 'pending' | 'approved' | 'rejected';
  /** of the standing decision */
  reviewId: string | null;
  decidedAt: Date | null;
  validUntil: Date | null;
}

/** Ordered by kind and name. */
export async function serverItemViews(
  tx: TenantTx,
  where: { tenantId: string; now: Date; serverId: string; revisionId: string },
): Promise<ServerItemView[]> {
  const { tenantId, now, serverId, revisionId } = where;
  const items = await tx.revisionItem.findMany({
    where: { tenantId, revisionId },
    orderBy: [{ kind: 'asc' }, { name: 'asc' }],
  });
  if (items.length === 0) return [];
  const standing = await standingItemDecisions(tx, { tenantId, now, serverIds: [serverId] });
  return items.map(({ kind, name, pin, ...item }) => {
    const definition = itemDefinition(kind, item.definition);
    const decision = standing.get(itemKey({ serverId, kind, name, pin }));
    return {
      kind,
      name,
      title: definition.title ?? (kind === 'prompt' ? null : definition.name) ?? null,
      description: definition.description ?? null,
      pin,
      definition,
      verdict: decision?.verdict ?? 'pending',
      reviewId: decision?.reviewId ?? null,
      decidedAt: decision?.decidedAt ?? null,
      validUntil: decision?.review.validUntil ?? null,
    };
  });
}
