import { toCanonicalJson } from '@gatehouse/policy/documents/canonical';
import { toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import {
  getAdvertisedName,
  getProfileSettings,
  type DraftEntry,
  type ProfileDraft,
  ProfileSettings,
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
    ...ProfileSettings.parse(after),
  };
}

/**
 * Whether publishing the draft would change something for clients: the profile is called or described otherwise than its published version, selects
 * other entries, sets them otherwise, or servers offer other definitions of them now. The one answer to this, for lists, pages and verbs alike. `pins`:
 * of what the server offers now, none when it offers no such entry.
 */
export function isDraftChanged(
  draft: Pick<PublishedProfile, 'name' | 'description'> &
    ProfileSettings & { entries: readonly (DraftEntry & { pins: readonly string[] })[] },
  published: PublishedProfile | undefined,
): boolean {
  if (!published || draft.name !== published.name || draft.description !== published.description) return true;
  if (toCanonicalJson(getProfileSettings(published)) !== toCanonicalJson(ProfileSettings.parse(draft))) return true;
  if (draft.entries.some(({ pins }) => pins.length === 0)) return true;
  const was = new Set(published.entries.map(toComparableText));
  const current = draft.entries.flatMap((entry) =>
    entry.pins.map((pin) => PublishedEntry.safeParse({ ...entry, pin, advertisedName: getAdvertisedName(entry) })),
  );
  return current.length !== was.size || current.some(({ data }) => !data || !was.has(toComparableText(data)));
}

/** The order of argument rules says nothing. */
function toComparableText(entry: PublishedEntry): string {
  return toCanonicalJson(
    entry.kind === 'tool' ? { ...entry, arguments: entry.arguments.map(toCanonicalJson).toSorted() } : entry,
  );
}
