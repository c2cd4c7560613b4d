import { readState, StateDirError, writeState, type StateDir } from './state-dir.ts';

/**
 * The connection epoch: rises with every connection and is on disk before it is used, so that a copy of the directory repeats one and
 * both copies are found out.
 */
export async function takeEpoch(dir: StateDir): Promise<number> {
  const text = readState(dir.epoch);
  const last = text === null ? 0 : Number(text);
  if (!Number.isSafeInteger(last) || last < 0) {
    throw new StateDirError(`${dir.epoch} is damaged. Enrol this agent again with a new join token.`);
  }
  await writeState(dir, dir.epoch, String(last + 1));
  return last + 1;
}
