import { setImmediate } from 'node:timers/promises';

import { type CatalogueEntry, readEntryName } from '@gatehouse/policy/documents/catalogue-entry';
import { checkEntry } from '@gatehouse/policy/limits/entry-limits';
import type { DiscoveredEntry } from '@gatehouse/protocol/messages';

export interface RefusedEntry {
  name: string;
  problem: string;
}

/**
 * Pins what a server offers. A definition outside the bounds is refused with the reason; so is every entry of a name that is offered more
 * than once, because nobody could say which of them a call would reach. Lets others run between two definitions: each may take some time.
 */
export async function sortEntries(
  found: readonly DiscoveredEntry[],
): Promise<{ accepted: CatalogueEntry[]; refused: RefusedEntry[] }> {
  const accepted: CatalogueEntry[] = [];
  const refused: RefusedEntry[] = [];
  for (const [first, ...others] of Map.groupBy(
    found,
    ({ kind, definition }) => `${kind} ${readEntryName(kind, definition)}`,
  ).values()) {
    if (!first) continue;
    await setImmediate();
    const name = readEntryName(first.kind, first.definition);
    const checked = checkEntry(first.kind, first.definition);
    if (others.length > 0) refused.push({ name, problem: `the server lists ${others.length + 1} of them` });
    else if (checked.ok) accepted.push(checked.entry);
    else refused.push({ name, problem: checked.problem });
  }
  return { accepted, refused };
}
