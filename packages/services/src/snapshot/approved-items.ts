import type { ItemKind, Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { stands } from './approved-tools.ts';

/** One exact prompt, resource or resource template. */
export interface ItemRef {
  serverId: string;
  kind: ItemKind;
  name: string;
  pin: string;
}

/** Key of one exact definition. */
export function itemKey({ serverId, kind, name, pin }: ItemRef): string {
  return `${serverId} ${kind} ${pin} ${name}`;
}

interface Which {
  tenantId: string;
  now: Date;
  /** all when absent */
  serverIds?: readonly string[] | undefined;
}

/** An item that may be used now, with its definition as the database holds it: parse it before use. */
export interface ApprovedItem extends ItemRef {
  definition: unknown;
}

/** The same rule as for tools: in the newest revision of a server that is not disabled, and the decision that stands is an approval. */
export async function approvedItems(tx: TenantTx, which: Which): Promise<ReadonlyMap<string, ApprovedItem>> {
  const { tenantId, serverIds } = which;
  const standing = await standingItemDecisions(tx, which);
  const servers = await tx.server.findMany({
    where: { tenantId, disabledAt: null, ...(serverIds ? { id: { in: [...serverIds] } } : {}) },
    select: { id: true, revisions: { orderBy: { number: 'desc' }, take: 1, select: { items: true } } },
  });
  const approved = new Map<string, ApprovedItem>();
  for (const { id: serverId, revisions } of servers) {
    for (const { kind, name, pin, definition } of revisions.flatMap(({ items }) => items)) {
      const item = { serverId, kind, name, pin };
      if (standing.get(itemKey(item))?.verdict === 'approved') approved.set(itemKey(item), { ...item, definition });
    }
  }
  return approved;
}

/** A decision with the review it was made in. */
export type MadeItemDecision = Prisma.ItemDecisionGetPayload<{
  include: { review: { select: { state: true; decidedAt: true; validUntil: true } } };
}>;

/** Of each exact item the newest decision, when its review is decided and has not lapsed. By `itemKey`. */
export async function standingItemDecisions(
  tx: TenantTx,
  { tenantId, now, serverIds }: Which,
): Promise<ReadonlyMap<string, MadeItemDecision>> {
  const decisions = await tx.itemDecision.findMany({
    where: {
      tenantId,
      ...(serverIds ? { serverId: { in: [...serverIds] } } : {}),
      review: { decidedAt: { not: null } },
    },
    include: { review: { select: { state: true, decidedAt: true, validUntil: true } } },
    orderBy: [{ review: { decidedAt: 'asc' } }, { reviewId: 'asc' }],
  });
  const newest = new Map(decisions.map((decision) => [itemKey(decision), decision]));
  return new Map([...newest].filter(([, { review }]) => stands(review, now)));
}
