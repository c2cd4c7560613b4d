import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fchmodSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { makeFolders } from '@gatehouse/process/folders';

import { LocalError, root, type Settings } from '../settings.ts';

/** How a process ended: with an exit code, or by a signal. */
export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Running {
  name: string;
  /** where its output goes */
  logFile: string;
  /** resolves when it has ended */
  exited: Promise<Exit>;
  stop(): Promise<void>;
}

export interface Launch {
  name: string;
  command: string[];
  env: Record<string, string | undefined>;
  cwd?: string;
}

/** What a program may need of the shell: where things are, how text is written, how the network is reached. Its other variables stay with it. */
const PASSED_ON = [
  'PATH',
  'HOME',
  'USER',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'NODE_EXTRA_CA_CERTS',
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]),
];

function waitForExit(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('error', () => resolve({ code: 127, signal: null }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

/** "ended with code 1", "was ended by SIGKILL" */
export function describeExit({ code, signal }: Exit): string {
  return signal ? `was ended by ${signal}` : `ended with code ${code}`;
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

/** The last lines of a log and its path, for an error message. Only the path when it cannot be read, as when the folder was deleted. */
export function describeLog(logFile: string, lines = 12): string {
  try {
    const text = readFileSync(logFile, 'utf8').trimEnd();
    return `Its log is ${logFile} and ends with:\n\n  ${text.split('\n').slice(-lines).join('\n  ')}`;
  } catch {
    return `Its log, ${logFile}, cannot be read.`;
  }
}

/** Starts a process on a leash (it ends when the launcher does), with `env` and little else, its output in <data>/logs/<name>.log. `pid` is that of the leash. */
export function launch(settings: Settings, { name, command, env, cwd }: Launch): Running & { pid: number | undefined } {
  const logFile = join(settings.dataDir, 'logs', `${name}.log`);
  makeFolders(dirname(logFile));
  const log = openSync(logFile, 'w', 0o600);
  // one that an earlier start made may be open to others
  fchmodSync(log, 0o600);
  const child = spawn(process.execPath, [join(root, 'tools/local/processes/leash.mjs'), '--environment', ...command], {
    cwd: cwd ?? root,
    env: Object.fromEntries(PASSED_ON.map((name) => [name, process.env[name]])),
    stdio: ['pipe', log, log],
    detached: true,
  });
  closeSync(log);
  // it may have ended already, which `exited` tells
  child.stdin?.on('error', () => undefined).write(`${JSON.stringify(env)}\n`);
  const exited = waitForExit(child);
  return {
    name,
    logFile,
    exited,
    pid: child.pid,
    stop: async () => {
      child.stdin?.end();
      await exited;
    },
  };
}

/** Waits until what was launched answers 2xx; throws a LocalError with the end of its log when it does not, or ends. */
export async function requireReady({ name, logFile, exited }: Running, readyUrl: string): Promise<void> {
  const ready = await Promise.race([waitUntilReady(readyUrl), exited.then((how) => `it ${describeExit(how)}`)]);
  if (ready !== true) throw new LocalError(`${name} did not start: ${ready}. ${describeLog(logFile)}`);
}

/** Waits until a URL answers 2xx; a sentence when it does not within a minute. */
async function waitUntilReady(url: string, limitMs = 60_000): Promise<true | string> {
  const end = Date.now() + limitMs;
  let last = 'no answer';
  while (Date.now() < end) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(3_000) });
      if (response.ok) return true;
      last = `it answers ${response.status} ${(await response.text()).slice(0, 200)}`;
    } catch (error) {
      // fetch itself only says that it failed
      const cause = error instanceof Error ? (error.cause ?? error) : error;
      last = cause instanceof Error ? cause.message : String(cause);
    }
    await delay(100);
  }
  return last;
}

/**
 * Runs a command to its end with its output in a log; throws a LocalError with the end of the log when it fails. `onLaunch` gets the process id
 * of its leash, which ends after whatever the command has started.
 */
export async function run(settings: Settings, launchOf: Launch, onLaunch?: (pid: number) => Promise<void>): Promise<void> {
  const { pid, exited, logFile } = launch(settings, launchOf);
  if (pid !== undefined) await onLaunch?.(pid);
  const how = await exited;
  if (how.code !== 0) throw new LocalError(`${launchOf.name} ${describeExit(how)}. ${describeLog(logFile, 40)}`);
}
