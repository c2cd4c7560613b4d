import { EntryKind } from '@gatehouse/policy/documents/catalogue-entry';
import { type ProfileDraft, PublishedProfile } from '@gatehouse/policy/documents/profile';

import type { JoinedEntry } from '../draft/join-draft.ts';

/** What a version would hold of the draft: what is not usable now is left out, so check for problems first. */
export function buildPublishedDocument(
  { name, description }: { name: string; description: string },
  { audit }: Pick<ProfileDraft, 'audit'>,
  joined: readonly JoinedEntry[],
): PublishedProfile {
  const usable = joined.filter(({ pin, problem }) => pin !== null && problem === null).toSorted(compareByKindAndName);
  return PublishedProfile.parse({ name, description, audit, entries: usable });
}

function compareByKindAndName(a: JoinedEntry, b: JoinedEntry): number {
  const kinds = EntryKind.options;
  return kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || (a.advertisedName < b.advertisedName ? -1 : 1);
}
