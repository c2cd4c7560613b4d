import { readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { EmbeddedError, ignoreCode } from './embedded-binaries.ts';
import { describeOwner, findCommandLine, findOwner } from './process-owner.mjs';

const STOP_MS = 10_000;

/** Marks the folder as in use by this process. Throws an EmbeddedError when another live process uses it. */
export async function takeFolder(ownerFile: string): Promise<void> {
  const mine = await describeOwner(process.pid);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      await writeFile(ownerFile, mine, { flag: 'wx', mode: 0o644 });
      return;
    } catch (error) {
      ignoreCode('EEXIST')(error);
    }
    if (await isFolderTaken(ownerFile))
      throw new EmbeddedError(`The database folder is in use by another process. Stop that first. (${ownerFile})`);
    await rm(ownerFile, { force: true });
  }
  throw new EmbeddedError(`The database folder is being taken by another process. Try again. (${ownerFile})`);
}

/** True when the process that took the folder is still alive. */
export async function isFolderTaken(ownerFile: string): Promise<boolean> {
  return (await findOwner(await readFile(ownerFile, 'utf8').catch(ignoreCode('ENOENT')))) !== null;
}

/**
 * Process ids of what is at work in a data directory. When a server's first process dies at once, the others go on until they look up, and while one
 * of them does no server starts there. Empty where the system does not tell.
 */
export async function listDataProcesses(dataDir: string): Promise<number[]> {
  if (process.platform !== 'linux') return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    // one that ended meanwhile, or is another user's
    pids.map((pid) => readlink(join('/proc', pid, 'cwd')).catch(ignoreCode('ENOENT', 'ESRCH', 'EACCES', 'EPERM'))),
  );
  return pids.filter((_pid, at) => found[at] === dataDir).map(Number);
}

/** Ends a server that an earlier, killed owner left running on this data directory. */
export async function reclaimServer(dataDir: string): Promise<void> {
  const text = await readFile(`${dataDir}/postmaster.pid`, 'utf8').catch(ignoreCode('ENOENT', 'ENOTDIR'));
  const pid = Number(text?.split('\n')[0]);
  if (!Number.isSafeInteger(pid) || pid <= 1) return;
  const isOurs = async () => (await findCommandLine(pid))?.includes(dataDir) ?? false;
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (!(await isOurs())) return;
    process.kill(pid, signal);
    const end = Date.now() + STOP_MS;
    while (Date.now() < end && (await isOurs())) await delay(20);
  }
  if (await isOurs())
    throw new EmbeddedError(`A left-over PostgreSQL (process ${pid}) does not stop. End it by hand. (${dataDir})`);
}
