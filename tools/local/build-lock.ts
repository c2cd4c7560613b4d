import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { ignoreCode } from '@gatehouse/db/embedded-binaries';
import { describeOwner, findOwner } from '@gatehouse/db/embedded-owner';

const RETRY_MS = 100;

/**
 * Does `work` once no other live process holds the lock, a file that describes its holder. Two copies that start from one folder build one
 * after the other: `next build` ends with an error when another one runs there. `onWait` is told once which process holds it.
 *
 * `work` may pass the lock on to the process that builds: that one may outlive this one when this one is killed.
 */
export async function withBuildLock<T>(
  file: string,
  work: (passOn: (pid: number) => Promise<void>) => Promise<T>,
  onWait: (pid: number) => void,
): Promise<T> {
  let content = await describeOwner(process.pid);
  await takeLock(file, content, onWait);
  try {
    return await work(async (pid) => {
      content = await describeOwner(pid);
      replaceLock(file, content);
    });
  } finally {
    removeLock(file, content);
  }
}

async function takeLock(file: string, content: string, onWait: (pid: number) => void): Promise<void> {
  let told = false;
  while (!createLock(file, content)) {
    const found = readLock(file);
    const pid = await findOwner(found);
    if (pid !== null && pid !== process.pid) {
      if (!told) onWait(pid);
      told = true;
      await delay(RETRY_MS);
    } else if (found !== undefined) {
      // Left behind by a process that was killed, or by an earlier one that happened to have our process id.
      removeLock(file, found);
    }
  }
}

const getOwnName = (file: string) => `${file}.${process.pid}`;

/** False when there is a lock already. A link, because it appears with its content: nobody sees a lock that is still empty. */
function createLock(file: string, content: string): boolean {
  writeFileSync(getOwnName(file), content);
  try {
    linkSync(getOwnName(file), file);
    return true;
  } catch (error) {
    ignoreCode('EEXIST')(error);
    return false;
  } finally {
    rmSync(getOwnName(file));
  }
}

function replaceLock(file: string, content: string): void {
  writeFileSync(getOwnName(file), content);
  renameSync(getOwnName(file), file);
}

function readLock(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    return ignoreCode('ENOENT')(error);
  }
}

/** Removes the lock with this content. One that somebody else has taken in the meantime is put back. */
function removeLock(file: string, content: string): void {
  const aside = getOwnName(file);
  try {
    renameSync(file, aside);
    if (readFileSync(aside, 'utf8') !== content) linkSync(aside, file);
  } catch (error) {
    ignoreCode('ENOENT', 'EEXIST')(error);
  }
  rmSync(aside, { force: true });
}
