import {
  type EncodedPart,
  encodePart,
  IndexPart,
  type ManifestRoots,
  MAX_PART_BYTES,
  type PartKind,
} from '@gatehouse/policy/documents/manifest';

import { ServiceError } from '../../errors.ts';

export type Part = Parameters<typeof encodePart>[0];

/** What an index names: the hash of each leaf by its id. */
export type Leaves = ReadonlyMap<string, string>;
export type Trees = Readonly<Record<PartKind, Leaves>>;

export const NO_TREES: Trees = { servers: new Map(), profiles: new Map(), access: new Map(), keys: new Map() };

/** The four indexes as parts, and their hashes. */
export function encodeIndexes(trees: Trees): { roots: ManifestRoots; indexes: EncodedPart[] } {
  const servers = encodeIndex('servers', trees);
  const profiles = encodeIndex('profiles', trees);
  const access = encodeIndex('access', trees);
  const keys = encodeIndex('keys', trees);
  const roots = { servers: servers.hash, profiles: profiles.hash, access: access.hash, keys: keys.hash };
  return { roots, indexes: [servers, profiles, access, keys] };
}

function encodeIndex(kind: PartKind, trees: Trees): EncodedPart {
  const entries = [...trees[kind]].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return encodeBounded(IndexPart.parse({ kind, entries }));
}

/** `encodePart`, for what may be too large to be sent. */
export function encodeBounded(part: Part): EncodedPart {
  const encoded = encodePart(part);
  if (encoded.bytes.length <= MAX_PART_BYTES) return encoded;
  throw new ServiceError('precondition', 'A server or profile of this site is larger than 32 MiB. Select less of it.');
}
