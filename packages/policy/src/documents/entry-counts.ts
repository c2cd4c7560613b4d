import { EntryKind } from './catalogue-entry.ts';

/** How many entries of each kind there are. */
export type EntryCounts = Record<EntryKind, number>;

/** Adds up rows by their kind. Each counts as one, or as what `count` says of it. */
export function countByKind<Row extends { kind: EntryKind }>(
  rows: readonly Row[],
  count: (row: Row) => number = () => 1,
): EntryCounts {
  const counts: EntryCounts = { tool: 0, prompt: 0, resource: 0, template: 0, instructions: 0 };
  for (const row of rows) counts[row.kind] += count(row);
  return counts;
}

/** How many there are of all kinds together. */
export function sumCounts(counts: EntryCounts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** What one entry of a kind is called; instructions are one text. */
export const KIND_WORD: Record<EntryKind, string> = {
  tool: 'tool',
  prompt: 'prompt',
  resource: 'resource',
  template: 'resource template',
  instructions: 'instructions',
};

/** "3 tools, 1 resource template, instructions": how many there are of each kind; "nothing" when there are none. */
export function describeCounts(counts: EntryCounts): string {
  return listCounts(counts).join(', ') || 'nothing';
}

/** The same, each kind by itself; none that there are none of. */
export function listCounts(counts: EntryCounts): string[] {
  return EntryKind.options.flatMap((kind) => {
    const count = counts[kind];
    if (count === 0) return [];
    if (kind === 'instructions') return [KIND_WORD.instructions];
    return [`${count.toLocaleString('en')} ${KIND_WORD[kind]}${count === 1 ? '' : 's'}`];
  });
}
