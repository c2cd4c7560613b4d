import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { LocalError, root, type Settings } from './settings.ts';

export interface Running {
  name: string;
  /** resolves when it has ended */
  exited: Promise<number>;
  stop(): Promise<void>;
}

interface Launch {
  name: string;
  command: string[];
  env: Record<string, string | undefined>;
  cwd?: string;
  /** URL that answers 2xx once it is ready */
  readyUrl?: string;
}

function waitForExit(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Throws a LocalError naming the port and what it is for when something else listens on it. */
export async function requireFreePorts(settings: Settings): Promise<void> {
  for (const [name, port] of Object.entries(settings.ports)) {
    if (name === 'postgres' && settings.databaseUrl) continue;
    const free = await new Promise<boolean>((resolve) => {
      const probe = createServer();
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
    });
    if (!free)
      throw new LocalError(
        `Port ${port} (${name}) is taken. Stop what uses it, or choose other ports: GATEHOUSE_PORT_BASE=4000 npm start`,
      );
  }
}

/** Last lines of a process's log, for an error message. */
export function readLogTail(settings: Settings, name: string, lines = 12): string {
  return readFileSync(join(settings.dataDir, 'logs', `${name}.log`), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(-lines)
    .join('\n  ');
}

/** Starts a process on a leash (it ends when the launcher does), its output in <data>/logs/<name>.log, and waits until it is ready. */
export async function launch(settings: Settings, { name, command, env, cwd, readyUrl }: Launch): Promise<Running> {
  mkdirSync(join(settings.dataDir, 'logs'), { recursive: true });
  const log = openSync(join(settings.dataDir, 'logs', `${name}.log`), 'w');
  const child = spawn(process.execPath, [join(root, 'tools/local/leash.mjs'), ...command], {
    cwd: cwd ?? root,
    env: { ...process.env, ...env },
    stdio: ['pipe', log, log],
    detached: true,
  });
  closeSync(log);
  const exited = waitForExit(child);
  const running: Running = {
    name,
    exited,
    stop: async () => {
      child.stdin?.end();
      await exited;
    },
  };
  if (readyUrl) {
    const ready = await Promise.race([waitUntilReady(readyUrl), exited.then((code) => `ended with code ${code}`)]);
    if (ready !== true) {
      await running.stop();
      throw new LocalError(`${name} did not start: ${ready}. Its log ends with:\n\n  ${readLogTail(settings, name)}`);
    }
  }
  return running;
}

/** Waits until a URL answers 2xx; a sentence when it does not within a minute. */
export async function waitUntilReady(url: string, limitMs = 60_000): Promise<true | string> {
  const end = Date.now() + limitMs;
  let last = 'no answer';
  while (Date.now() < end) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(3_000) });
      if (response.ok) return true;
      last = `it answers ${response.status} ${(await response.text()).slice(0, 200)}`;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await delay(100);
  }
  return last;
}

/** Runs a command to its end with its output in a log; throws a LocalError with the end of the log when it fails. */
export async function run(settings: Settings, launchOf: Omit<Launch, 'readyUrl'>): Promise<void> {
  const running = await launch(settings, launchOf);
  const code = await running.exited;
  if (code !== 0)
    throw new LocalError(`${launchOf.name} failed. Its log ends with:\n\n  ${readLogTail(settings, launchOf.name)}`);
}
