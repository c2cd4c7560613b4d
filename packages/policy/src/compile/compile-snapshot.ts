import type { Snapshot, SnapshotClientKey, SnapshotServer } from '../documents/snapshot.ts';
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

/** The snapshot contradicts itself; nothing of it is used. */
export class SnapshotInvalid extends Error {
  override readonly name = 'SnapshotInvalid';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`The configuration contradicts itself: ${problems.slice(0, 5).join('; ')}`);
    this.problems = problems;
  }
}

/**
 * Throws SnapshotInvalid when ids, slugs, names or addresses are not unique, an entry has no server, or a definition does not have its pin.
 */
export function compileSnapshot({ content }: Pick<Snapshot, 'content'>): CompiledConfig {
  const { servers, profiles, clientKeys, revokedKeyIds } = content;
  const problems: string[] = [];
  const serversById = indexUnique(servers, (server) => server.id, 'server id', problems);
  indexUnique(servers, (server) => server.slug, 'server slug', problems);
  const compiled = profiles.map((profile) => compileProfile(profile, serversById, problems));
  const profilesBySlug = indexUnique(compiled, ({ profile }) => profile.slug, 'profile slug', problems);
  const profilesById = indexUnique(compiled, ({ profile }) => profile.id, 'profile id', problems);
  const clientKeysByHash = indexUnique(clientKeys, (key) => key.hash, 'client key', problems);
  if (problems.length > 0) throw new SnapshotInvalid(problems);
  return { serversById, profilesBySlug, profilesById, clientKeysByHash, revokedKeyIds: new Set(revokedKeyIds) };
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
