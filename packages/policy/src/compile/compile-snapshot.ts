import { isPinned } from '../documents/pinned-entry.ts';
import { getAdvertisedName, type SnapshotProfile } from '../documents/profile.ts';
import type { Snapshot, SnapshotClientKey, SnapshotServer } from '../documents/snapshot.ts';
import { formatSome } from '../names/some-of.ts';
import { compileProfile, type CompiledProfile } from './compile-profile.ts';

export type { CompiledEntry, CompiledProfile, CompiledTemplate, CompiledTool } from './compile-profile.ts';

/** A configuration arranged for deciding calls. Immutable; replaced as a whole. */
export interface CompiledConfig {
  serversById: ReadonlyMap<string, SnapshotServer>;
  profilesBySlug: ReadonlyMap<string, CompiledProfile>;
  profilesById: ReadonlyMap<string, CompiledProfile>;
  /** by SHA-256 of the key, lower-case hex */
  clientKeysByHash: ReadonlyMap<string, SnapshotClientKey>;
  revokedKeyIds: ReadonlySet<string>;
}

/** A configuration, or a part of it, contradicts itself; nothing of it is used. */
export class ConfigInvalid extends Error {
  override readonly name = 'ConfigInvalid';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`The configuration contradicts itself: ${formatSome(problems, '; ')}`);
    this.problems = problems;
  }
}

/** Throws ConfigInvalid when ids, slugs, names or addresses are not unique, an entry has no server, or a definition does not have its pin. */
export function compileSnapshot({ content }: Pick<Snapshot, 'content'>): CompiledConfig {
  const problems = content.profiles.flatMap(listUnpinned);
  const serversById = new Map(content.servers.map((server) => [server.id, server]));
  const profiles = content.profiles.map((profile) => compileProfile(profile, serversById, problems));
  return arrangeConfig({ ...content, profiles }, problems);
}

/** What a configuration is made of, its profiles compiled. */
export interface ConfigContent extends Omit<Snapshot['content'], 'profiles'> {
  profiles: readonly CompiledProfile[];
}

/** Everything where calls look for it. Throws ConfigInvalid when there are `problems`, or ids, slugs or keys are not unique. */
export function arrangeConfig(
  { servers, profiles, clientKeys, revokedKeyIds }: ConfigContent,
  problems: string[] = [],
): CompiledConfig {
  const serversById = indexUnique(servers, (server) => server.id, 'server id', problems);
  indexUnique(servers, (server) => server.slug, 'server slug', problems);
  const profilesBySlug = indexUnique(profiles, ({ profile }) => profile.slug, 'profile slug', problems);
  const profilesById = indexUnique(profiles, ({ profile }) => profile.id, 'profile id', problems);
  const clientKeysByHash = indexUnique(clientKeys, (key) => key.hash, 'client key', problems);
  if (problems.length > 0) throw new ConfigInvalid(problems);
  return { serversById, profilesBySlug, profilesById, clientKeysByHash, revokedKeyIds: new Set(revokedKeyIds) };
}

function listUnpinned({ slug, entries }: SnapshotProfile): string[] {
  return entries
    .filter((entry) => !isPinned(entry))
    .map((entry) => `profile ${slug}: the definition of ${entry.kind} ${getAdvertisedName(entry)} is not the pinned one`);
}

function indexUnique<T>(items: readonly T[], keyOf: (item: T) => string, what: string, problems: string[]): Map<string, T> {
  const byKey = new Map<string, T>();
  for (const item of items) {
    const key = keyOf(item);
    if (byKey.has(key)) problems.push(`${what} ${key} appears twice`);
    byKey.set(key, item);
  }
  return byKey;
}
