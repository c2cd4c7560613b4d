import type { SnapshotEntry, SnapshotProfile } from '../documents/profile.ts';
import type { SnapshotServer } from '../documents/snapshot.ts';
import { compileProfile, type CompiledProfile } from './compile-profile.ts';
import type { CompiledConfig } from './compile-snapshot.ts';

/** What stays of a configuration. Left out: all of that kind. */
export interface Kept {
  isServerKept?: (server: SnapshotServer) => boolean;
  isProfileKept?: (profile: SnapshotProfile) => boolean;
  isEntryKept?: (entry: SnapshotEntry) => boolean;
}

/** The configuration without the rest, which is as if it were not in it; entries go with their servers. The same object when all of it stays. */
export function keepPart(compiled: CompiledConfig, { isServerKept, isProfileKept, isEntryKept }: Kept): CompiledConfig {
  const serversById = isServerKept
    ? new Map([...compiled.serversById].filter(([, server]) => isServerKept(server)))
    : compiled.serversById;
  const keepEntries = (whole: CompiledProfile): CompiledProfile => {
    const { entries } = whole.profile;
    const kept = entries.filter((each) => serversById.has(each.serverId) && (isEntryKept?.(each) ?? true));
    // part of what is consistent is consistent, so there are no problems to hear of
    return kept.length === entries.length
      ? whole
      : compileProfile({ ...whole.profile, entries: kept }, serversById, [], whole.heldServerIds);
  };
  const all = [...compiled.profilesById.values()];
  const served = all.filter((each) => isProfileKept?.(each.profile) ?? true).map(keepEntries);
  const isWhole = serversById.size === compiled.serversById.size && served.length === all.length;
  if (isWhole && served.every((each, index) => each === all[index])) return compiled;
  return {
    ...compiled,
    serversById,
    profilesBySlug: new Map(served.map((each) => [each.profile.slug, each])),
    profilesById: new Map(served.map((each) => [each.profile.id, each])),
  };
}
