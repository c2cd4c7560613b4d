import { type ServerEntryRef, toServerEntryKey } from '../documents/catalogue-entry.ts';
import { DraftEntry, MAX_SET_ASIDE, type ProfileDraft } from '../documents/profile.ts';

/** True when somebody chose something for it: a name, words, a rule, anything about its arguments. */
function isCurated(entry: DraftEntry): boolean {
  if (!('rename' in entry)) return false;
  if (entry.rename !== null || entry.kind !== 'tool') return entry.rename !== null;
  return entry.describe !== null || entry.rule !== 'allow' || entry.denyReason !== null || entry.arguments.length > 0;
}

/**
 * What a draft with these entries remembers of what it does not select: of each entry the first of `sources` that holds it, where anything was
 * chosen for it. No more than `MAX_SET_ASIDE`.
 */
export function putAside(selected: readonly DraftEntry[], ...sources: readonly (readonly DraftEntry[])[]): DraftEntry[] {
  const known = new Set(selected.map(toServerEntryKey));
  const aside: DraftEntry[] = [];
  for (const entry of sources.flat()) {
    const key = toServerEntryKey(entry);
    if (known.has(key)) continue;
    known.add(key);
    if (isCurated(entry)) aside.push(entry);
  }
  return aside.slice(0, MAX_SET_ASIDE);
}

/** An entry as it is selected: with what was chosen for it before it was taken out, else as its server has it. */
export function recallEntry({ setAside }: Pick<ProfileDraft, 'setAside'>, ref: ServerEntryRef): DraftEntry {
  const key = toServerEntryKey(ref);
  const { serverId, kind, name } = ref;
  return setAside.find((entry) => toServerEntryKey(entry) === key) ?? DraftEntry.parse({ serverId, kind, name });
}
