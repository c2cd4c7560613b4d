import type { Revocations } from '../revocations.ts';
import { compileProfile, type CompiledProfile } from './compile-profile.ts';
import type { CompiledConfig } from './compile-snapshot.ts';

/**
 * The configuration without the profiles, servers and tools that the revocation log bars at this time: they are as if they were not in it. The
 * same object when it bars nothing of it. `now`: milliseconds since the epoch.
 */
export function removeBarred(compiled: CompiledConfig, revocations: Revocations, now: number): CompiledConfig {
  const isBarred = (kind: 'server' | 'profile' | 'tool', id: string, name?: string) =>
    revocations.isBarred({ kind, id, ...(name !== undefined && { name }) }, now);
  const serversById = new Map([...compiled.serversById].filter(([id]) => !isBarred('server', id)));
  const narrow = (whole: CompiledProfile): CompiledProfile => {
    const { profile } = whole;
    const entries = profile.entries.filter(
      ({ serverId, kind, name }) => serversById.has(serverId) && !(kind === 'tool' && isBarred('tool', serverId, name)),
    );
    // part of what is consistent is consistent, so there are no problems to hear of
    return entries.length === profile.entries.length
      ? whole
      : compileProfile({ ...profile, entries }, serversById, [], whole.heldServerIds);
  };
  const all = [...compiled.profilesById.values()];
  const served = all.filter(({ profile }) => !isBarred('profile', profile.id)).map(narrow);
  const isWhole = serversById.size === compiled.serversById.size && served.length === all.length;
  if (isWhole && served.every((profile, index) => profile === all[index])) return compiled;
  return {
    ...compiled,
    serversById,
    profilesBySlug: new Map(served.map((each) => [each.profile.slug, each])),
    profilesById: new Map(served.map((each) => [each.profile.id, each])),
  };
}
