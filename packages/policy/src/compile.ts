import { advertisedTools, findCollisions } from './catalogue.ts';
import { contentHash, pinOf } from './canonical.ts';
import { compileInputCheck, type InputCheck } from './input-check.ts';
import type { CatalogueTool, SnapshotProfile } from './profile.ts';
import type { Snapshot, SnapshotClientKey, SnapshotServer } from './snapshot.ts';
import type { ToolDefinition } from './tool-definition.ts';

export interface CompiledTool {
  tool: CatalogueTool;
  server: SnapshotServer;
  /** compiled on first use and kept; throws when the schema cannot be compiled */
  inputCheck(): InputCheck;
}

export interface CompiledProfile {
  profile: SnapshotProfile;
  /** exactly what `tools/list` answers */
  listed: readonly ToolDefinition[];
  /** content hash of `listed`: clients are told of a change when it differs */
  listedHash: string;
  /** by advertised name; denied tools included */
  tools: ReadonlyMap<string, CompiledTool>;
}

/** A snapshot arranged for deciding calls. Immutable; replaced as a whole. */
export interface CompiledConfig {
  snapshot: Snapshot;
  serversById: ReadonlyMap<string, SnapshotServer>;
  profilesBySlug: ReadonlyMap<string, CompiledProfile>;
  profilesById: ReadonlyMap<string, CompiledProfile>;
  /** by SHA-256 of the key, lower-case hex */
  clientKeysByHash: ReadonlyMap<string, SnapshotClientKey>;
  revokedKeyIds: ReadonlySet<string>;
}

/** The snapshot contradicts itself; nothing of it is used. */
export class SnapshotInvalid extends Error {
  override name = 'SnapshotInvalid';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`The configuration contradicts itself: ${problems.slice(0, 5).join('; ')}`);
    this.problems = problems;
  }
}

/** Throws SnapshotInvalid when ids, slugs or names are not unique, a tool has no server, or a definition does not have its pin. */
export function compileSnapshot(snapshot: Snapshot): CompiledConfig {
  const { servers, profiles, clientKeys, revokedKeyIds } = snapshot.content;
  const problems: string[] = [];
  const serversById = uniqueBy(servers, (server) => server.id, 'server id', problems);
  uniqueBy(servers, (server) => server.slug, 'server slug', problems);
  const compiled = profiles.map((profile) => compileProfile(profile, serversById, problems));
  const profilesBySlug = uniqueBy(compiled, ({ profile }) => profile.slug, 'profile slug', problems);
  const profilesById = uniqueBy(compiled, ({ profile }) => profile.id, 'profile id', problems);
  const clientKeysByHash = uniqueBy(clientKeys, (key) => key.hash, 'client key', problems);
  if (problems.length > 0) throw new SnapshotInvalid(problems);
  return { snapshot, serversById, profilesBySlug, profilesById, clientKeysByHash, revokedKeyIds: new Set(revokedKeyIds) };
}

function compileProfile(
  profile: SnapshotProfile,
  serversById: ReadonlyMap<string, SnapshotServer>,
  problems: string[],
): CompiledProfile {
  const tools = new Map<string, CompiledTool>();
  for (const tool of profile.tools) {
    const server = serversById.get(tool.serverId);
    if (!server) {
      problems.push(`profile ${profile.slug}: tool ${tool.advertisedName} names a server that is not there`);
      continue;
    }
    if (pinOf(tool.definition) !== tool.pin || tool.definition.name !== tool.toolName) {
      problems.push(`profile ${profile.slug}: the definition of ${tool.advertisedName} is not the pinned one`);
    }
    tools.set(tool.advertisedName, { tool, server, inputCheck: lazyInputCheck(tool) });
  }
  const claims = profile.tools.map((tool) => ({
    advertisedName: tool.advertisedName,
    serverSlug: serversById.get(tool.serverId)?.slug ?? '?',
    toolName: tool.toolName,
  }));
  for (const { name } of findCollisions(claims)) problems.push(`profile ${profile.slug}: two tools are called ${name}`);
  const listed = advertisedTools(profile);
  return { profile, listed, listedHash: contentHash(listed), tools };
}

function lazyInputCheck(tool: CatalogueTool): () => InputCheck {
  let check: InputCheck | undefined;
  return () => (check ??= compileInputCheck(tool.definition.inputSchema));
}

function uniqueBy<T>(items: readonly T[], keyOf: (item: T) => string, what: string, problems: string[]): Map<string, T> {
  const byKey = new Map<string, T>();
  for (const item of items) {
    const key = keyOf(item);
    if (byKey.has(key)) problems.push(`${what} ${key} appears twice`);
    byKey.set(key, item);
  }
  return byKey;
}
