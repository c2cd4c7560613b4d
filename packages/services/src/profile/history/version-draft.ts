import { toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { getProfileSettings, ProfileDraft, type PublishedProfile, toDraftEntry } from '@gatehouse/policy/documents/profile';

/** The choices of a version as a draft that would make them again: each entry once, whatever texts of it were approved then. */
export function toVersionDraft({ entries, ...document }: PublishedProfile): ProfileDraft {
  const once = new Map(entries.map((entry) => [toServerEntryKey(entry), entry]));
  return ProfileDraft.parse({ ...getProfileSettings(document), entries: [...once.values()].map(toDraftEntry) });
}
