import type { Revocations } from '../revocations.ts';
import type { CompiledConfig } from './compile-snapshot.ts';
import { keepPart } from './keep-part.ts';

/**
 * The configuration without the profiles, servers and tools that the revocation log bars at this time: they are as if they were not in it. The
 * same object when it bars nothing of it. `now`: milliseconds since the epoch.
 */
export function removeBarred(compiled: CompiledConfig, revocations: Revocations, now: number): CompiledConfig {
  return keepPart(compiled, {
    isServerKept: ({ id }) => !revocations.isBarred({ kind: 'server', id }, now),
    isProfileKept: ({ id }) => !revocations.isBarred({ kind: 'profile', id }, now),
    isEntryKept: ({ kind, serverId: id, name }) => kind !== 'tool' || !revocations.isBarred({ kind, id, name }, now),
  });
}
