import type { EntryKind } from '@gatehouse/policy/documents/catalogue-entry';

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
