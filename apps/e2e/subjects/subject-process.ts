import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { buildSubjectEnvironment } from './one-way.ts';
import type { SubjectRun } from './subject.ts';

/** Starts a subject that is reached over HTTP and waits until it listens, or has ended. The caller ends it. */
export async function startHttpSubject(script: string, run: SubjectRun, folder: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [script, ...run.args], {
    cwd: run.cwd ?? folder,
    env: buildSubjectEnvironment(run, folder),
    stdio: 'ignore',
  });
  const port = Number(new URL(run.http?.url ?? '').port);
  while (child.exitCode === null && !(await isOpen(port))) await delay(50);
  return child;
}

/** Ends a process; one that does not listen to SIGTERM is killed after 3 s. */
export async function endProcess(child: ChildProcess | null): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 3_000);
  await ended;
  clearTimeout(late);
}

async function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
}
