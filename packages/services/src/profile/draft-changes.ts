import { canonicalJson } from '@gatehouse/policy/documents/canonical';
import { entryKey, type EntryRef } from '@gatehouse/policy/documents/catalogue-entry';
import type { ProfileDraft } from '@gatehouse/policy/documents/profile';

/** Names a selected entry, whatever its settings. */
export function draftKey({ serverId, ...ref }: EntryRef & { serverId: string }): string {
  return `${serverId} ${entryKey(ref)}`;
}

/** Each selected entry of a draft with its settings as one text, by `draftKey`. */
export function settingsOf({ entries }: ProfileDraft): ReadonlyMap<string, string> {
  return new Map(entries.map((entry) => [draftKey(entry), canonicalJson(entry)]));
}

/** What was selected, dropped or set otherwise: the admin log names it, the draft itself stands in the profile. */
export function changesOf(before: ProfileDraft, after: ProfileDraft) {
  const was = settingsOf(before);
  const is = settingsOf(after);
  return {
    added: [...is.keys()].filter((key) => !was.has(key)),
    removed: [...was.keys()].filter((key) => !is.has(key)),
    changed: [...is].filter(([key, settings]) => was.has(key) && was.get(key) !== settings).map(([key]) => key),
    audit: after.audit,
  };
}
