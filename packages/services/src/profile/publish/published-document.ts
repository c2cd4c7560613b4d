import { hashContent } from '@gatehouse/policy/documents/canonical';
import { EntryKind } from '@gatehouse/policy/documents/catalogue-entry';
import { type DraftEntry, type ProfileDraft, PublishedProfile } from '@gatehouse/policy/documents/profile';

import type { JoinedEntry } from '../draft/join-draft.ts';

/** What a version would hold of the draft: what is not usable now is left out, so check for problems first. */
export function buildPublishedDocument(
  { name, description }: { name: string; description: string },
  { audit }: Pick<ProfileDraft, 'audit'>,
  joined: readonly JoinedEntry[],
): PublishedProfile {
  const usable = joined.filter(({ pin, problem }) => pin !== null && problem === null);
  return PublishedProfile.parse({ name, description, audit, entries: usable.toSorted(compareByKindAndName) });
}

/** The content hash of a version that holds the whole draft, usable or not; null when an entry can be in no version. */
export function hashWholeDraft(
  { name, description }: { name: string; description: string },
  draft: { audit: ProfileDraft['audit']; entries: readonly (DraftEntry & Shown & { pin: string | null })[] },
): string | null {
  const { audit, entries } = draft;
  const { data } = PublishedProfile.safeParse({ name, description, audit, entries: entries.toSorted(compareByKindAndName) });
  return data ? hashContent(data) : null;
}

type Shown = Pick<JoinedEntry, 'kind' | 'advertisedName'>;

function compareByKindAndName(a: Shown, b: Shown): number {
  const kinds = EntryKind.options;
  return kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || (a.advertisedName < b.advertisedName ? -1 : 1);
}
