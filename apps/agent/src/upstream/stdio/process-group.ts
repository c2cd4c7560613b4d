import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';

import { sendFilter } from './bubblewrap.ts';
import { findOrigin, listProcesses } from './process-tree.ts';
import type { Launch } from './stdio-entries.ts';

export type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const POSIX = process.platform !== 'win32';
/** How long a child may take to end by itself, and again after SIGTERM. */
const GRACE_MS = 2_000;

/**
 * Starts the program of an entry: the exact command and arguments, no shell, no PATH look-up, only the named variables, in a session and a
 * process group of its own. Resolves when it runs.
 */
export async function startChild({ command, args, cwd, env, user, filter }: Launch): Promise<Child> {
  const child = spawn(command, args, {
    ...user,
    cwd,
    env: { ...env },
    shell: false,
    detached: POSIX,
    windowsHide: true,
    stdio: ['pipe', 'pipe', 'pipe', ...(filter ? (['pipe'] as const) : [])],
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  sendFilter(child, filter);
  if (!hasPipes(child)) throw new Error('A process was started without its pipes');
  if (running.size === 0) process.on('exit', killAll);
  running.add(child);
  return child;
}

function hasPipes(child: ChildProcess): child is Child {
  return child.stdin !== null && child.stdout !== null && child.stderr !== null;
}

/** The children of this process, so that none outlives it, whatever ends it. */
const running = new Set<Child>();

function killAll(): void {
  for (const child of running) signalGroup(child, 'SIGKILL');
}

/**
 * Ends the child and everything that it started: end of input, then SIGTERM, then SIGKILL to the group, and to a sandbox, which nothing in it
 * outlives. What was written before is still read. Also to be called for a child that ended by itself. `atOnce`: nothing is waited for.
 */
export async function stopChild(child: Child, { sandboxed }: Pick<Launch, 'sandboxed'>, atOnce = false): Promise<void> {
  child.stdin.end();
  if (!atOnce) await waitForExit(child, GRACE_MS);
  if (!atOnce && isRunning(child)) {
    if (sandboxed) await askInside(child);
    else signalGroup(child, 'SIGTERM');
    await waitForExit(child, GRACE_MS);
  }
  signalGroup(child, 'SIGKILL');
  await waitForExit(child, GRACE_MS);
  await Promise.allSettled(
    [child.stdout, child.stderr].map((stream) => finished(stream, { signal: AbortSignal.timeout(GRACE_MS) })),
  );
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
  running.delete(child);
  if (running.size === 0) process.off('exit', killAll);
}

export function isRunning(child: Child): boolean {
  return child.exitCode === null && child.signalCode === null;
}

function signalGroup(child: Child, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  if (POSIX) sendSignal(-child.pid, signal);
  else child.kill(signal);
}

/** Nothing happens when the process is gone. */
function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** SIGTERM for what runs in a sandbox; the sandbox itself, a process and the first one inside, would end at once and take the program with it. */
async function askInside({ pid }: Child): Promise<void> {
  if (pid === undefined) return;
  const processes = await listProcesses();
  for (const [inside, { parent }] of processes) {
    if (inside === pid || parent === pid || findOrigin(inside, processes, new Set([pid])) === null) continue;
    sendSignal(inside, 'SIGTERM');
  }
}

async function waitForExit(child: Child, milliseconds: number): Promise<void> {
  if (!isRunning(child)) return;
  const done = new AbortController();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await Promise.race([ended, delay(milliseconds, undefined, { signal: done.signal }).catch(() => undefined)]);
  done.abort();
}
