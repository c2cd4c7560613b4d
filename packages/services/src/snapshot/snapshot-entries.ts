import { type PublishedEntry, SnapshotEntry } from '@gatehouse/policy/documents/profile';

import { type OfferedEntry, toPinnedKey } from './offered-entries.ts';

/** What a configuration takes from an approval, and the definition that was approved, as it is stored. */
export type Approval = Pick<OfferedEntry, 'definition' | 'risk' | 'logArguments' | 'logResults' | 'ignored'>;

/**
 * What would be served of these entries if they were published now: those whose exact definition is approved, as the parts of a
 * configuration hold them. Throws when a stored definition cannot be parsed.
 */
export function toSnapshotEntries(
  published: readonly PublishedEntry[],
  approved: ReadonlyMap<string, Approval>,
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
