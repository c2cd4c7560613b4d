import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';

import { z } from 'zod';

import { isErrno } from './disk.ts';
import { readState, StateDirError, type StateDir } from './state-dir.ts';

const Holder = z.strictObject({ pid: z.int().positive(), started: z.string(), token: z.uuid() });
type Holder = z.infer<typeof Holder>;

export interface StateLock {
  /** False when somebody took the lock away: stop using the directory. */
  held(): boolean;
  release(): void;
}

/**
 * Takes the state directory for this process. A lock whose process has gone (or whose pid now belongs to another process, seen by its
 * start) is taken over. Throws StateDirError when a live agent holds it.
 */
export function lockStateDir(dir: StateDir): StateLock {
  const own: Holder = { pid: process.pid, started: processStart(process.pid) ?? '', token: randomUUID() };
  for (let attempt = 0; attempt < 5; attempt++) {
    if (tryLink(dir, own)) return makeLock(dir, own);
    const text = readState(dir.lock);
    if (text === null) continue;
    const holder = parseHolder(text);
    if (holder && isAlive(holder)) {
      throw new StateDirError(
        `Another agent (process ${holder.pid}) uses ${dir.path}. Stop it, or set another GATEHOUSE_DATA_DIR.`,
      );
    }
    moveStaleAway(dir, own, text);
  }
  throw new StateDirError(`${dir.path} is being taken by another agent right now. Try again.`);
}

/** Linking a finished file is atomic: the lock never exists half written. */
function tryLink(dir: StateDir, own: Holder): boolean {
  const draft = `${dir.lock}.${own.token}`;
  writeFileSync(draft, JSON.stringify(own), { mode: 0o600 });
  try {
    linkSync(draft, dir.lock);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  } finally {
    unlinkSync(draft);
  }
}

/** Renames first and looks after: what was moved by mistake, because another process had just taken over, is put back. */
function moveStaleAway(dir: StateDir, own: Holder, stale: string): void {
  const aside = `${dir.lock}.stale.${own.token}`;
  try {
    renameSync(dir.lock, aside);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return;
    throw error;
  }
  try {
    if (readFileSync(aside, 'utf8') !== stale) linkSync(aside, dir.lock);
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
  } finally {
    unlinkSync(aside);
  }
}

function makeLock(dir: StateDir, own: Holder): StateLock {
  const held = (): boolean => parseHolder(readState(dir.lock) ?? '')?.token === own.token;
  return {
    held,
    release() {
      if (held()) unlinkSync(dir.lock);
    },
  };
}

function parseHolder(text: string): Holder | null {
  try {
    return Holder.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (isErrno(error, 'ESRCH')) return false;
    if (!isErrno(error, 'EPERM')) throw error;
  }
  const started = processStart(holder.pid);
  return started === null || holder.started === '' || started === holder.started;
}

/** Boot id and start tick of a process where the system tells them (Linux); null elsewhere. Together they name one process for good. */
function processStart(pid: number): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return `${boot}:${afterName[19]}`;
  } catch {
    return null;
  }
}
