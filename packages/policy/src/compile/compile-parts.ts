import { isOfKind, toServerEntryKey } from '../documents/catalogue-entry.ts';
import type { ProfilePart, ServerEntry, ServerPart } from '../documents/manifest.ts';
import { isPinned } from '../documents/pinned-entry.ts';
import type { PublishedEntry, SnapshotEntry } from '../documents/profile.ts';
import type { SnapshotServer } from '../documents/snapshot.ts';
import { compileProfile, type CompiledProfile } from './compile-profile.ts';
import { ConfigInvalid } from './compile-snapshot.ts';

/** A server part, its entries where profiles look for them. */
export interface CompiledServer {
  server: SnapshotServer;
  /** by kind and name */
  entries: ReadonlyMap<string, ServerEntry>;
}

/** Throws ConfigInvalid when an entry stands there twice or its definition does not have its pin. */
export function compileServerPart({ server, entries }: ServerPart): CompiledServer {
  const byName = new Map(entries.map((entry) => [toKey(entry), entry]));
  const problems = entries
    .filter((entry) => !isPinned(entry))
    .map(({ kind, name }) => `server ${server.slug}: the definition of ${kind} ${name} is not the pinned one`);
  if (byName.size < entries.length) problems.push(`server ${server.slug} has an entry twice`);
  if (problems.length > 0) throw new ConfigInvalid(problems);
  return { server, entries: byName };
}

/**
 * A profile with the definitions of its servers. What a server does not have under the very pin is left out, as are servers that are not
 * there. Throws ConfigInvalid when what is left contradicts itself.
 */
export function compileProfilePart(part: ProfilePart, servers: ReadonlyMap<string, CompiledServer>): CompiledProfile {
  const serversById = new Map<string, SnapshotServer>();
  const entries = part.entries.flatMap((entry) => {
    const found = servers.get(entry.serverId);
    if (found) serversById.set(entry.serverId, found.server);
    return completeEntry(entry, found?.entries.get(toKey(entry)));
  });
  const served = new Set(entries.map(toServerEntryKey));
  const held = part.entries.filter((entry) => serversById.has(entry.serverId) && !served.has(toServerEntryKey(entry)));
  const problems: string[] = [];
  const heldServerIds = new Set(held.map(({ serverId }) => serverId));
  const profile = compileProfile({ ...part, entries }, serversById, problems, heldServerIds);
  if (problems.length > 0) throw new ConfigInvalid(problems);
  return profile;
}

function completeEntry(entry: PublishedEntry, found: ServerEntry | undefined): SnapshotEntry[] {
  if (found?.pin !== entry.pin) return [];
  if (entry.kind === 'tool') return isOfKind(found, 'tool') ? [{ ...found, ...entry }] : [];
  if (entry.kind === 'prompt') return isOfKind(found, 'prompt') ? [{ ...found, ...entry }] : [];
  return found.kind === 'tool' || found.kind === 'prompt' ? [] : [{ ...found, serverId: entry.serverId }];
}

function toKey({ kind, name }: Pick<ServerEntry, 'kind' | 'name'>): string {
  return `${kind} ${name}`;
}
