import { toCanonicalJson } from '@gatehouse/policy/documents/canonical';
import { toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import {
  getAdvertisedName,
  type DraftEntry,
  type ProfileDraft,
  PublishedEntry,
  type PublishedProfile,
} from '@gatehouse/policy/documents/profile';

/** Each selected entry of a draft with its settings as one text, by `toServerEntryKey`. */
export function getSettingsByKey({ entries }: ProfileDraft): ReadonlyMap<string, string> {
  return new Map(entries.map((entry) => [toServerEntryKey(entry), toCanonicalJson(entry)]));
}

/** What was selected, dropped or set otherwise: the admin log names it, the draft itself stands in the profile. */
export function diffDrafts(before: ProfileDraft, after: ProfileDraft) {
  const was = getSettingsByKey(before);
  const is = getSettingsByKey(after);
  return {
    added: [...is.keys()].filter((key) => !was.has(key)),
    removed: [...was.keys()].filter((key) => !is.has(key)),
    changed: [...is].filter(([key, settings]) => was.has(key) && was.get(key) !== settings).map(([key]) => key),
    audit: after.audit,
  };
}

/**
 * Whether publishing the draft would change something for clients: it selects other entries than the published version, sets them otherwise,
 * or servers offer other definitions of them now. `pin`: of what the server offers now, null when it offers no such entry.
 */
export function isDraftChanged(
  draft: { audit: ProfileDraft['audit']; entries: readonly (DraftEntry & { pin: string | null })[] },
  published: PublishedProfile | undefined,
): boolean {
  if (!published || published.audit !== draft.audit || published.entries.length !== draft.entries.length) return true;
  const was = new Set(published.entries.map(toComparableText));
  return draft.entries.some((entry) => {
    const current = PublishedEntry.safeParse({ ...entry, advertisedName: getAdvertisedName(entry) });
    return !current.success || !was.has(toComparableText(current.data));
  });
}

/** The order of argument rules says nothing. */
function toComparableText(entry: PublishedEntry): string {
  return toCanonicalJson(
    entry.kind === 'tool' ? { ...entry, arguments: entry.arguments.map(toCanonicalJson).toSorted() } : entry,
  );
}
