import { randomUUID } from 'node:crypto';
import { linkSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';

import * as z from 'zod';

import { parseStat } from '@gatehouse/process/proc';

import { isErrno, realDisk, removeIfThere } from './disk.ts';
import { parseJson } from './parse-json.ts';
import { readState, StateDirError, type StateDir } from './state-dir.ts';

const Holder = z.strictObject({ pid: z.int().positive(), started: z.string(), token: z.uuid() });
type Holder = z.infer<typeof Holder>;

export interface StateLock {
  /** False when somebody took the lock away: stop using the directory. */
  isHeld(): boolean;
  release(): void;
}

/** The content of a lock file whose holder has released it. */
const RELEASED = 'released';

/**
 * Takes the state directory for this process. A lock whose process has gone (or whose pid now belongs to another process, seen by its
 * start) is taken over. Throws StateDirError when a live agent holds it.
 *
 * Each holder has a file of its own, numbered: the next number can be linked by one process only, and a file goes only after a higher one
 * exists. So nothing that a slow rival does can take the lock from the one who has it.
 */
export function lockStateDir(dir: StateDir): StateLock {
  const own: Holder = { pid: process.pid, started: readProcessStart(process.pid) ?? '', token: randomUUID() };
  for (let attempt = 0; attempt < 20; attempt++) {
    const numbers = listLockNumbers(dir);
    const last = numbers.at(-1) ?? 0;
    const holder = parseJson(readState(nameLockFile(dir, last)) ?? '', Holder);
    if (holder && isAlive(holder)) {
      throw new StateDirError(
        `Another agent (process ${holder.pid}) uses ${dir.path}. Stop it, or set another GATEHOUSE_DATA_DIR.`,
      );
    }
    if (!tryLink(dir, own, last + 1)) continue;
    if (isLast(dir, last + 1)) {
      for (const number of numbers) removeIfThere(nameLockFile(dir, number), realDisk);
      return makeLock(dir, own, last + 1);
    }
    removeIfThere(nameLockFile(dir, last + 1), realDisk);
  }
  throw new StateDirError(`${dir.path} is being taken by another agent right now. Try again.`);
}

/** The file of a holder; 0 is the one without a number. */
function nameLockFile(dir: StateDir, number: number): string {
  return number === 0 ? dir.lock : `${dir.lock}.${number}`;
}

/** In ascending order. */
function listLockNumbers(dir: StateDir): number[] {
  const name = basename(dir.lock);
  return readdirSync(dirname(dir.lock))
    .filter((file) => file === name || (file.startsWith(`${name}.`) && /^[1-9]\d{0,14}$/.test(file.slice(name.length + 1))))
    .map((file) => Number(file.slice(name.length + 1)))
    .toSorted((a, b) => a - b);
}

function isLast(dir: StateDir, number: number): boolean {
  return listLockNumbers(dir).at(-1) === number;
}

/** Linking a finished file is atomic: the lock never exists half written. */
function tryLink(dir: StateDir, own: Holder, number: number): boolean {
  const draft = `${dir.lock}.${own.token}`;
  writeFileSync(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    linkSync(draft, nameLockFile(dir, number));
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  } finally {
    unlinkSync(draft);
  }
}

function makeLock(dir: StateDir, own: Holder, number: number): StateLock {
  const path = nameLockFile(dir, number);
  const isHeld = () => parseJson(readState(path) ?? '', Holder)?.token === own.token && isLast(dir, number);
  return {
    isHeld,
    release() {
      if (isHeld()) writeFileSync(path, RELEASED, { mode: 0o600 });
    },
  };
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (isErrno(error, 'ESRCH')) return false;
    if (!isErrno(error, 'EPERM')) throw error;
  }
  const started = readProcessStart(holder.pid);
  return started === null || holder.started === '' || started === holder.started;
}

/** Boot id and start tick of a process where the system tells them (Linux); null elsewhere. Together they name one process for good. */
function readProcessStart(pid: number): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const { startedAt } = parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return `${boot}:${startedAt}`;
  } catch {
    return null;
  }
}
