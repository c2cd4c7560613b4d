// @ts-check
// Plain JavaScript on Node's own modules, because the installer takes a lock before anything is installed.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { describeOwner, findOwner } from '../../../packages/db/src/process-owner.mjs';

const RETRY_MS = 100;

/**
 * Does `work` once no other live process holds the lock, a file that describes its holder. Two copies that start from one folder install and
 * build one after the other: npm and `next build` end with an error when another one runs there. `onWait` is told once which process holds it.
 *
 * `work` may share the lock with a process that it starts: that one may outlive this one when this one is killed.
 * @template T
 * @param {string} file
 * @param {(shareWith: (pid: number) => Promise<void>) => Promise<T>} work
 * @param {(pid: number) => void} onWait
 * @returns {Promise<T>}
 */
export async function withProcessLock(file, work, onWait) {
  const own = await describeOwner(process.pid);
  let content = own;
  await takeLock(file, content, onWait);
  try {
    return await work(async (pid) => {
      content = `${own}\n${await describeOwner(pid)}`;
      replaceLock(file, content);
    });
  } finally {
    removeLock(file, content);
  }
}

/** @type {(file: string, content: string, onWait: (pid: number) => void) => Promise<void>} */
async function takeLock(file, content, onWait) {
  let told = false;
  while (!createLock(file, content)) {
    const found = readLock(file);
    const pid = await findOther(found);
    if (pid !== null) {
      if (!told) onWait(pid);
      told = true;
      await delay(RETRY_MS);
    } else if (found !== undefined) {
      // Left behind by a process that was killed, or by an earlier one that happened to have our process id.
      removeLock(file, found);
    }
  }
}

/**
 * The first live process that a lock names in its lines and that is not this one.
 * @type {(content: string | undefined) => Promise<number | null>}
 */
async function findOther(content = '') {
  for (const line of content.split('\n')) {
    const pid = await findOwner(line);
    if (pid !== null && pid !== process.pid) return pid;
  }
  return null;
}

/** @type {(file: string) => string} */
const getOwnName = (file) => `${file}.${process.pid}`;

/**
 * False when there is a lock already. A link, because it appears with its content: nobody sees a lock that is still empty.
 * @type {(file: string, content: string) => boolean}
 */
function createLock(file, content) {
  writeFileSync(getOwnName(file), content);
  try {
    linkSync(getOwnName(file), file);
    return true;
  } catch (error) {
    ignoreCode(error, 'EEXIST');
    return false;
  } finally {
    rmSync(getOwnName(file));
  }
}

/** @type {(file: string, content: string) => void} */
function replaceLock(file, content) {
  writeFileSync(getOwnName(file), content);
  renameSync(getOwnName(file), file);
}

/** @type {(file: string) => string | undefined} */
function readLock(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    return ignoreCode(error, 'ENOENT');
  }
}

/**
 * Removes the lock with this content. One that somebody else has taken in the meantime is put back.
 * @type {(file: string, content: string) => void}
 */
function removeLock(file, content) {
  const aside = getOwnName(file);
  try {
    renameSync(file, aside);
    if (readFileSync(aside, 'utf8') !== content) linkSync(aside, file);
  } catch (error) {
    ignoreCode(error, 'ENOENT', 'EEXIST');
  }
  rmSync(aside, { force: true });
}

/** @type {(error: unknown, ...codes: string[]) => undefined} */
function ignoreCode(error, ...codes) {
  if (error instanceof Error && 'code' in error && codes.includes(String(error.code))) return undefined;
  throw error;
}
