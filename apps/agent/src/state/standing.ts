import { readState, StateDirError, writeState, type StateDir } from './state-dir.ts';

/** What the control plane last said about this agent. Anything but `good` stops the serving. */
export type Standing = 'good' | 'revoked' | 'quarantined';

/**
 * Kept on disk, so that a revoked agent does not serve again after a restart without network. Throws StateDirError, also when it says nothing that is
 * known: that is not taken for good.
 */
export function readStanding(dir: StateDir): Standing {
  const text = readState(dir.standing)?.trim();
  if (text === undefined || text === 'good') return 'good';
  if (text === 'revoked' || text === 'quarantined') return text;
  throw new StateDirError(`${dir.standing} is damaged. Remove it: the hub says again whether this agent may serve.`);
}

export function writeStanding(dir: StateDir, standing: Standing): Promise<void> {
  return writeState(dir, dir.standing, standing);
}
