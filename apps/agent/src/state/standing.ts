import { readState, writeState, type StateDir } from './state-dir.ts';

/** What the control plane last said about this agent. Anything but `good` stops the serving. */
export type Standing = 'good' | 'revoked' | 'quarantined';

/** Kept on disk, so that a revoked agent does not serve again after a restart without network. */
export function readStanding(dir: StateDir): Standing {
  const text = readState(dir.standing)?.trim();
  return text === 'revoked' || text === 'quarantined' ? text : 'good';
}

export function writeStanding(dir: StateDir, standing: Standing): Promise<void> {
  return writeState(dir, dir.standing, standing);
}
