import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const RETRY_MS = 100;

/**
 * Does `work` once no other process holds the lock, which is a file with the holder's process id. Two copies that start from one folder build
 * one after the other: `next build` ends with an error when another one runs there.
 */
export async function withBuildLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  while (!takeLock(file)) await delay(RETRY_MS);
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** False while another process holds the lock. What a process left behind when it was killed counts for nothing. */
function takeLock(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    if (!isHeld(file)) rmSync(file, { force: true });
    return false;
  }
}

function isHeld(file: string): boolean {
  try {
    process.kill(Number(readFileSync(file, 'utf8')), 0);
    return true;
  } catch (error) {
    // Anything else, such as a file that is gone by now, is a reason to look again.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
