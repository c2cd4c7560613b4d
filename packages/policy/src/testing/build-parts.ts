import { isOfKind } from '../documents/catalogue-entry.ts';
import {
  encodePart,
  toBucket,
  type AccessPart,
  type IndexPart,
  type KeysPart,
  type ManifestRoots,
  type ProfilePart,
  type ServerEntry,
  type ServerPart,
} from '../documents/manifest.ts';
import type { PublishedEntry, SnapshotEntry } from '../documents/profile.ts';
import type { SnapshotContent } from '../documents/snapshot.ts';

/** A configuration as parts. */
export interface BuiltParts {
  roots: ManifestRoots;
  /** their bytes, by hash */
  parts: Map<string, Buffer>;
}

type LeafPart = ServerPart | ProfilePart | AccessPart | KeysPart;
type Content = Pick<SnapshotContent, 'servers' | 'profiles' | 'clientKeys'>;

/** The parts of what a snapshot would hold. Every person may use the profiles of their keys, unless `grants` says otherwise. */
export function makeParts(content: Content, grants: AccessPart['grants'] = grantToHolders(content.clientKeys)): BuiltParts {
  const parts = new Map<string, Buffer>();
  const add = (part: LeafPart | IndexPart): string => {
    const { hash, bytes } = encodePart(part);
    parts.set(hash, bytes);
    return hash;
  };
  const addIndex = (kind: keyof ManifestRoots, leaves: [id: string, leaf: LeafPart][]): string =>
    add({
      kind,
      entries: leaves.map(([id, leaf]): [string, string] => [id, add(leaf)]).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    });
  const entries = content.profiles.flatMap((profile) => profile.entries);
  const roots = {
    servers: addIndex(
      'servers',
      content.servers.map((server) => [server.id, { server, entries: listUsed(entries, server.id) }]),
    ),
    profiles: addIndex(
      'profiles',
      content.profiles.map((profile) => [profile.id, { ...profile, entries: profile.entries.map(withoutDefinition) }]),
    ),
    access: addIndex(
      'access',
      groupByBucket(grants, ([personId]) => personId).map(([bucket, some]) => [bucket, { grants: some }]),
    ),
    keys: addIndex(
      'keys',
      groupByBucket(content.clientKeys, ({ keyId }) => keyId).map(([bucket, keys]) => [bucket, { keys }]),
    ),
  };
  return { roots, parts };
}

function grantToHolders(keys: SnapshotContent['clientKeys']): AccessPart['grants'] {
  const byPerson = Map.groupBy(keys, ({ personId }) => personId);
  return Array.from(byPerson, ([personId, own]) => [personId, [...new Set(own.map(({ profileId }) => profileId))].toSorted()]);
}

function groupByBucket<T>(items: readonly T[], idOf: (item: T) => string): [bucket: string, items: T[]][] {
  return [...Map.groupBy(items, (item) => toBucket(idOf(item)))];
}

function listUsed(entries: readonly SnapshotEntry[], serverId: string): ServerEntry[] {
  const own = entries.filter((entry) => entry.serverId === serverId);
  return [...new Map(own.map((entry) => [`${entry.kind} ${entry.name}`, toServerEntry(entry)])).values()];
}

function toServerEntry(entry: SnapshotEntry): ServerEntry {
  if (isOfKind(entry, 'tool')) {
    const { kind, name, pin, definition, risk, logArguments, logResults } = entry;
    return { kind, name, pin, definition, risk, logArguments, logResults };
  }
  if (isOfKind(entry, 'prompt')) {
    const { kind, name, pin, definition } = entry;
    return { kind, name, pin, definition };
  }
  const { serverId: _, ...used } = entry;
  return used;
}

function withoutDefinition(entry: SnapshotEntry): PublishedEntry {
  const { definition: _definition, ...published } = entry;
  if (!('risk' in published)) return published;
  const { risk: _risk, logArguments: _arguments, logResults: _results, ...tool } = published;
  return tool;
}
