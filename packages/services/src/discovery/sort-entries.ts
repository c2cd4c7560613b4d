import { setImmediate } from 'node:timers/promises';

import { type CatalogueEntry, readEntryName, toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { checkEntry } from '@gatehouse/policy/limits/entry-limits';
import { toShownEntryName } from '@gatehouse/policy/names/shown-name';
import type { LeftOutPart } from '@gatehouse/protocol/left-out';
import type { DiscoveredEntry } from '@gatehouse/protocol/messages';

/** `refused`: for each reason one. */
export interface SortedEntries {
  accepted: CatalogueEntry[];
  refused: (LeftOutPart & { name: string })[];
}

/**
 * Pins what a server offers. A definition outside the bounds is refused with the reasons; so is every entry of a name that is offered more
 * than once, because nobody could say which of them a call would reach. Lets others run between two definitions: each may take some time.
 */
export async function sortEntries(found: readonly DiscoveredEntry[]): Promise<SortedEntries> {
  const accepted: CatalogueEntry[] = [];
  const refused: SortedEntries['refused'] = [];
  for (const [first, ...others] of Map.groupBy(
    found,
    ({ kind, definition }) => `${kind} ${readEntryName(kind, definition)}`,
  ).values()) {
    if (!first) continue;
    await setImmediate();
    const { kind } = first;
    const name = toShownEntryName(readEntryName(kind, first.definition));
    const checked = checkEntry(kind, first.definition);
    if (others.length > 0) {
      const reason = `the server lists ${others.length + 1} of them`;
      refused.push({ kind, name, pointer: null, keyword: null, cause: 'repeated', reason });
    } else if (checked.ok) accepted.push(checked.entry);
    else refused.push(...checked.problems.map((problem) => ({ kind, name, cause: 'unsound' as const, ...problem })));
  }
  return { accepted, refused };
}

/** How many entries these reasons are about. */
export function countRefused(refused: SortedEntries['refused']): number {
  return new Set(refused.map(toEntryKey)).size;
}
