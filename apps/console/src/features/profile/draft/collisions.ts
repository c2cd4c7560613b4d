import { findCollisions, foldName } from '@gatehouse/policy/compile/name-collisions';
import { suggestNames } from '@gatehouse/policy/compile/suggested-name';
import { type EntryKind, type ServerEntryRef, toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { getAdvertisedName, type ProfileDraft } from '@gatehouse/policy/documents/profile';

import { writeVisible } from '../../../ui/text/visible-text.ts';
import type { KnownEntries } from './draft.ts';

export interface Collision {
  kind: EntryKind;
  /** the name or address that several entries would have */
  name: string;
  owners: { ref: ServerEntryRef; label: string; /** a free name; an address has none */ suggestion: string | null }[];
}

type Claim = ReturnType<typeof listClaims>[number];

/** Tools, then prompts, that would be shown under one name, and addresses that two servers offer; the save refuses the same. */
export function listCollisions(draft: ProfileDraft, known: KnownEntries): Collision[] {
  const claims = listClaims(draft, known);
  const ofKind = (wanted: EntryKind): Claim[] => claims.filter(({ ref }) => ref.kind === wanted);
  return [
    ...findNameCollisions('tool', ofKind('tool')),
    ...findNameCollisions('prompt', ofKind('prompt')),
    ...findAddressCollisions('resource', ofKind('resource')),
    ...findAddressCollisions('template', ofKind('template')),
  ];
}

function listClaims({ entries }: ProfileDraft, known: KnownEntries) {
  return entries.map((entry) => {
    const { serverId, kind, name } = entry;
    // what is not known yet is still of another server than its rival
    const serverSlug = known.get(toServerEntryKey(entry))?.server.slug ?? serverId;
    return { ref: { serverId, kind, name }, serverSlug, name, advertisedName: getAdvertisedName(entry) };
  });
}

function findNameCollisions(kind: 'tool' | 'prompt', claims: readonly Claim[]): Collision[] {
  const taken = new Set(claims.map(({ advertisedName }) => foldName(advertisedName)));
  return findCollisions(claims).map(({ name, owners }) => {
    const isOwner = ({ serverSlug, name: own }: Claim): boolean =>
      owners.some((owner) => owner.serverSlug === serverSlug && owner.name === own);
    const rivals = claims.filter(isOwner);
    const suggestions = suggestNames(rivals, taken);
    return {
      kind,
      name,
      owners: rivals.map(({ ref, serverSlug, name: own }, index) => {
        return { ref, label: `${serverSlug}/${writeVisible(own)}`, suggestion: suggestions[index] ?? null };
      }),
    };
  });
}

/** An address is exact: two that only look alike are two. */
function findAddressCollisions(kind: 'resource' | 'template', claims: readonly Claim[]): Collision[] {
  return [...Map.groupBy(claims, ({ name }) => name)]
    .filter(([, group]) => group.length > 1)
    .map(([name, group]) => {
      return { kind, name, owners: group.map(({ ref, serverSlug }) => ({ ref, label: serverSlug, suggestion: null })) };
    });
}

/** The collision that an entry is part of. */
export function findEntryCollision(collisions: readonly Collision[], key: string): Collision | undefined {
  return collisions.find(({ owners }) => owners.some(({ ref }) => toServerEntryKey(ref) === key));
}

/**
 * The collisions that nothing else on the page shows: where a name of one is being edited, that field says what is wrong and offers the one way out, and a
 * line that comes and goes above it would push it away. `editedKeys`: what has such a field now.
 */
export function listShownAbove(collisions: readonly Collision[], editedKeys: ReadonlySet<string>): Collision[] {
  return collisions.filter(({ owners }) => !owners.some(({ ref }) => editedKeys.has(toServerEntryKey(ref))));
}
