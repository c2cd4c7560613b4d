import type { EntryKind } from '@gatehouse/policy/documents/catalogue-entry';
import { countByKind } from '@gatehouse/policy/documents/entry-counts';

/** How many entries of each kind there are, in the words of the admin log: resources and their templates are one number. */
export function toLoggedCounts(entries: readonly { kind: EntryKind }[]) {
  const { tool, prompt, resource, template, instructions } = countByKind(entries);
  return { tools: tool, prompts: prompt, resources: resource + template, instructions };
}
