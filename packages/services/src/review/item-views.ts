import type { ItemKind, ToolVerdict } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { itemDefinition } from '../discovery/item-definition.ts';
import type { ItemDefinition } from '../discovery/sort-items.ts';
import type { PersonName } from '../person-names.ts';
import type { LoadedReview } from './find-review.ts';
import { changeOf } from './previous-decisions.ts';

/** One prompt, resource or resource template to decide on. Reading is all that it allows, so it has no risk of its own. */
export interface ReviewItemView {
  kind: ItemKind;
  /** the server's own name of a prompt, the address of a resource, the address template */
  name: string;
  pin: string;
  /** exactly what AI clients would read. Untrusted text */
  definition: ItemDefinition;
  change: 'new' | 'changed' | 'unchanged';
  /** what was last decided on, when it was another definition */
  previousDefinition: ItemDefinition | null;
  decision: { verdict: ToolVerdict; note: string | null; decidedBy: PersonName | null; decidedAt: Date | null };
}

export interface PreviousItem {
  kind: ItemKind;
  name: string;
  pin: string;
}

/** Key of an item inside one server, whatever its definition. */
export function itemName({ kind, name }: { kind: ItemKind; name: string }): string {
  return `${kind} ${name}`;
}

/** The last decision on each item before a review, by `itemName`. */
export async function previousItems(
  tx: TenantTx,
  { tenantId, serverId, createdAt, id }: { tenantId: string; id: string; serverId: string; createdAt: Date },
): Promise<Map<string, PreviousItem>> {
  const rows = await tx.itemDecision.findMany({
    where: { tenantId, serverId, reviewId: { not: id }, review: { decidedAt: { not: null }, createdAt: { lte: createdAt } } },
    select: { kind: true, name: true, pin: true },
    orderBy: { review: { createdAt: 'asc' } },
  });
  return new Map(rows.map((row) => [itemName(row), row]));
}

/** What there is to decide beside the tools. */
export async function itemViews(
  tx: TenantTx,
  review: LoadedReview,
  previous: ReadonlyMap<string, PreviousItem>,
  personOf: (id: string) => PersonName,
): Promise<ReviewItemView[]> {
  const { tenantId, serverId, revision, itemDecisions } = review;
  const before = await tx.revisionItem.findMany({
    where: { tenantId, pin: { in: [...previous.values()].map(({ pin }) => pin) }, revision: { serverId } },
    select: { pin: true, definition: true },
  });
  const definitions = new Map(before.map(({ pin, definition }) => [pin, definition]));
  const decisionOf = new Map(itemDecisions.map((decision) => [itemName(decision), decision]));
  return revision.items.flatMap((item): ReviewItemView[] => {
    const decision = decisionOf.get(itemName(item));
    if (!decision) return [];
    const { kind, name, pin } = item;
    const { verdict, note, decidedBy, decidedAt } = decision;
    const earlier = previous.get(itemName(item));
    const change = changeOf(item, earlier);
    const old = change === 'changed' && earlier ? definitions.get(earlier.pin) : undefined;
    return [
      {
        kind,
        name,
        pin,
        definition: itemDefinition(kind, item.definition),
        change,
        previousDefinition: old === undefined ? null : itemDefinition(kind, old),
        decision: { verdict, note, decidedBy: decidedBy === null ? null : personOf(decidedBy), decidedAt },
      },
    ];
  });
}
