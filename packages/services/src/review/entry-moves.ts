import type { TenantTx } from '@gatehouse/db/tenant';
import { type EntryRef, toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { hashContent } from '@gatehouse/policy/documents/content-hash';
import { isJsonObject } from '@gatehouse/policy/documents/json';

/**
 * How names and definitions have moved since what was decided last. `swapped`: two entries have each other's definition. `renamed`: a new one has the
 * definition of one that is gone. `returned`: it was decided on, then gone, and is there again.
 */
export type EntryMove =
  | { move: 'swapped'; kind: EntryRef['kind']; name: string; other: string }
  | { move: 'renamed'; kind: EntryRef['kind']; name: string; from: string }
  | { move: 'returned'; kind: EntryRef['kind']; name: string };

interface Defined extends EntryRef {
  definition: unknown;
}

/** `before`: what was decided on last under each name, whatever is offered now. `lastOffered`: keys of what the revision before this one held; null: there is none. */
export function listMoves(
  now: readonly Defined[],
  before: readonly Defined[],
  lastOffered: ReadonlySet<string> | null,
): EntryMove[] {
  const keys = new Set(now.map(toEntryKey));
  const was = new Map(before.map((entry) => [toEntryKey(entry), toBody(entry)]));
  const ofBody = Map.groupBy(before, toBody);
  return now.flatMap((entry): EntryMove[] => {
    const { kind, name } = entry;
    const [own, body] = [was.get(toEntryKey(entry)), toBody(entry)];
    const isBack = own !== undefined && lastOffered !== null && !lastOffered.has(toEntryKey(entry));
    if (isBack) return [{ move: 'returned', kind, name }];
    if (own === body) return [];
    const others = (ofBody.get(body) ?? []).filter((other) => other.kind === kind && other.name !== name);
    if (own === undefined) {
      const from = others.find((other) => !keys.has(toEntryKey(other)));
      return from ? [{ move: 'renamed', kind, name, from: from.name }] : [];
    }
    const partner = others.find((other) =>
      now.some((each) => each.kind === kind && each.name === other.name && toBody(each) === own),
    );
    // told once for the two
    return partner && name < partner.name ? [{ move: 'swapped', kind, name, other: partner.name }] : [];
  });
}

/** A definition apart from the name under which it is offered. */
function toBody({ definition }: Defined): string {
  if (!isJsonObject(definition)) return hashContent({ definition: JSON.stringify(definition) });
  const { name: _name, ...body } = definition;
  return hashContent(body);
}

/** Keys of what the revision before this one held; null when it is the first. */
export async function getOfferedBefore(
  tx: TenantTx,
  { tenantId, serverId, number }: { tenantId: string; serverId: string; number: number },
): Promise<ReadonlySet<string> | null> {
  const before = await tx.serverRevision.findFirst({
    where: { tenantId, serverId, number: { lt: number } },
    orderBy: { number: 'desc' },
    select: { entries: { select: { kind: true, name: true } } },
  });
  return before && new Set(before.entries.map(toEntryKey));
}
