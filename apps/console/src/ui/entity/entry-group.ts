import { EntryKind } from '@gatehouse/policy/documents/catalogue-entry';
import type { EntryCounts } from '@gatehouse/policy/documents/entry-counts';

export type EntryGroup = 'tools' | 'prompts' | 'resources' | 'instructions';

/** Entries of a server that are shown together, under one title. */
export const ENTRY_GROUPS: Record<EntryGroup, { title: string; kinds: readonly EntryKind[] }> = {
  tools: { title: 'Tools', kinds: ['tool'] },
  prompts: { title: 'Prompts', kinds: ['prompt'] },
  resources: { title: 'Resources', kinds: ['resource', 'template'] },
  instructions: { title: 'Instructions', kinds: ['instructions'] },
};

/** Those of a group, in their order. */
export function filterByGroup<Entry extends { kind: EntryKind }>(group: EntryGroup, entries: readonly Entry[]): Entry[] {
  return entries.filter(({ kind }) => ENTRY_GROUPS[group].kinds.includes(kind));
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
  const parts = EntryKind.options.flatMap((kind) => {
    const count = counts[kind];
    if (count === 0) return [];
    if (kind === 'instructions') return [KIND_WORD.instructions];
    return [`${count.toLocaleString('en')} ${KIND_WORD[kind]}${count === 1 ? '' : 's'}`];
  });
  return parts.join(', ') || 'nothing';
}
