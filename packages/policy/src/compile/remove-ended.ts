import type { SnapshotEntry } from '../documents/profile.ts';
import type { CompiledConfig } from './compile-snapshot.ts';
import { keepPart } from './keep-part.ts';

/** What is left of a configuration at a moment. */
export interface Unended {
  compiled: CompiledConfig;
  /** when the next approval of it ends by itself, milliseconds since the epoch; Infinity: none does */
  nextEnd: number;
}

/**
 * The configuration without the entries whose approvals have ended by this time: they are as if they were not in it. The same object when none of
 * them has. `now`: milliseconds since the epoch.
 */
export function removeEnded(compiled: CompiledConfig, now: number): Unended {
  const left = keepPart(compiled, { isEntryKept: (entry) => getEnd(entry) > now });
  const ends = [...left.profilesById.values()].flatMap(({ profile }) => profile.entries.map(getEnd));
  return { compiled: left, nextEnd: ends.reduce((first, end) => Math.min(first, end), Infinity) };
}

function getEnd({ endsAt }: SnapshotEntry): number {
  return endsAt === undefined ? Infinity : Date.parse(endsAt);
}
