import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { ignoreCode } from '@gatehouse/db/embedded-binaries';

import { withProcessLock } from './processes/process-lock.mjs';
import { LocalError, type Settings } from './settings.ts';

/**
 * Makes the data folder when there is none, out of git's sight, and does `work` while no other copy uses it. Throws a LocalError when one does,
 * and the system's error when the folder cannot be had.
 */
export async function withDataFolder<T>({ dataDir }: Settings, work: () => Promise<T>): Promise<T> {
  makeFolder(dataDir);
  try {
    writeFileSync(join(dataDir, '.gitignore'), '*\n', { flag: 'wx' });
  } catch (error) {
    ignoreCode('EEXIST')(error);
  }
  return withProcessLock(join(dataDir, 'lock'), work, (pid) => {
    throw new LocalError(
      `The data folder ${dataDir} is in use by a running copy (pid ${pid}). Stop that one, or start a second one beside it:\n` +
        '  GATEHOUSE_PORT_BASE=4000 GATEHOUSE_DATA_DIR=.gatehouse-b npm start',
    );
  });
}

/** Makes a folder and those above it. Node's own `recursive` never returns below /proc, where nothing can be made. */
function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}
