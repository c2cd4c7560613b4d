import { EntryKind } from '@gatehouse/policy/documents/catalogue-entry';
import { hashContent } from '@gatehouse/policy/documents/content-hash';
import { type DraftEntry, type ProfileSettings, PublishedProfile, toProfileChoices } from '@gatehouse/policy/documents/profile';

import type { JoinedEntry } from '../draft/join-draft.ts';

/** What a version would hold of the draft: what is not usable now is left out, so check for problems first. */
export function buildPublishedDocument(
  { name, description }: { name: string; description: string },
  { audit, ...choices }: ProfileSettings,
  joined: readonly JoinedEntry[],
): PublishedProfile {
  const usable = joined.filter(({ problem }) => problem === null);
  return PublishedProfile.parse({ name, description, audit, ...toProfileChoices(choices), entries: listTexts(usable) });
}

/** The content hash of a version that holds the whole draft, usable or not; null when an entry can be in no version. */
export function hashWholeDraft(
  { name, description }: { name: string; description: string },
  draft: ProfileSettings & { entries: readonly (DraftEntry & Shown)[] },
): string | null {
  const { audit, entries, ...choices } = draft;
  if (entries.some(({ pins }) => pins.length === 0)) return null;
  const { data } = PublishedProfile.safeParse({
    name,
    description,
    audit,
    ...toProfileChoices(choices),
    entries: listTexts(entries),
  });
  return data ? hashContent(data) : null;
}

type Shown = Pick<JoinedEntry, 'kind' | 'advertisedName' | 'pins'>;

/** An entry stands there once for each text of it: a site serves the one that it has. */
function listTexts<Entry extends Shown>(entries: readonly Entry[]): (Entry & { pin: string })[] {
  return entries.toSorted(compareByKindAndName).flatMap((entry) => entry.pins.toSorted().map((pin) => ({ ...entry, pin })));
}

function compareByKindAndName(a: Omit<Shown, 'pins'>, b: Omit<Shown, 'pins'>): number {
  const kinds = EntryKind.options;
  return kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || (a.advertisedName < b.advertisedName ? -1 : 1);
}
