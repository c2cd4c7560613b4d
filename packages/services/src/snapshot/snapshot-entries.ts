import { type PublishedEntry, SnapshotEntry } from '@gatehouse/policy/documents/profile';

import { type OfferedEntry, toPinnedKey } from './offered-entries.ts';

/**
 * What would be served of these entries if they were published now: those whose exact definition is approved, as the parts of a
 * configuration hold them. Throws when a stored definition cannot be parsed.
 */
export function toSnapshotEntries(
  published: readonly PublishedEntry[],
  approved: ReadonlyMap<string, OfferedEntry>,
): SnapshotEntry[] {
  return published.flatMap((entry) => {
    const approval = approved.get(toPinnedKey(entry));
    if (!approval) return [];
    const { definition, risk, logArguments, logResults, ignored } = approval;
    const marks = { risk, logArguments: logArguments.toSorted(), logResults: logResults.toSorted() };
    return [SnapshotEntry.parse({ ...entry, ...(entry.kind === 'tool' && marks), ...toIgnoring(ignored), definition })];
  });
}

/** What an approval ignores, as a configuration says it: nothing where it ignores nothing. */
export function toIgnoring(ignored: readonly string[]): { ignored?: string[] } {
  return ignored.length === 0 ? {} : { ignored: ignored.toSorted() };
}
