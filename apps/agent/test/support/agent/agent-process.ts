import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, onTestFinished } from 'vitest';

import { findFreePort } from '@gatehouse/process/testing/free-port';

import { buildAgent } from '../../../build.ts';
import type { StdioEntry } from '../../../src/config/guardrails/stdio-entry.ts';
import { makeTempDir } from '../disk/temp-dir.ts';

export interface AgentHome {
  dataDir: string;
  /** variables for every command on this agent */
  environment: Record<string, string>;
  /** for Node, before the command */
  nodeArgs?: string[];
  url: string;
}

let bundle: Promise<string> | null = null;

const buildDir = mkdtempSync(join(tmpdir(), 'gatehouse-bundle-'));
afterAll(() => rmSync(buildDir, { recursive: true }));

/** The bundle that ships, built once per test file. */
export function buildBundle(): Promise<string> {
  return (bundle ??= (async () => {
    const path = join(buildDir, 'gatehouse-agent.mjs');
    await buildAgent(path);
    return path;
  })());
}

/** A home for one agent with guardrails that allow the servers of a test, and a port of its own. */
export async function makeHome(
  options: {
    dataDir?: string;
    environment?: Record<string, string>;
    credentials?: object[];
    stdio?: Record<string, StdioEntry>;
    http?: object;
    audit?: object;
  } = {},
): Promise<AgentHome> {
  const home = makeTempDir();
  const dataDir = options.dataDir ?? join(home, 'state');
  const guardrails = join(home, 'guardrails.yaml');
  const { credentials = [], stdio = {}, http = { privateHosts: ['127.0.0.1'] }, audit = {} } = options;
  writeFileSync(guardrails, JSON.stringify({ http, credentials, stdio, audit }));
  chmodSync(guardrails, 0o444);
  mkdirSync(dataDir, { recursive: true });
  const listen = `127.0.0.1:${await findFreePort()}`;
  return {
    dataDir,
    url: `http://${listen}`,
    environment: {
      GATEHOUSE_DATA_DIR: dataDir,
      GATEHOUSE_LISTEN: listen,
      GATEHOUSE_GUARDRAILS_FILE: guardrails,
      // the folder of a test belongs to whoever runs it
      GATEHOUSE_ALLOW_OWN_GUARDRAILS: 'true',
      PATH: process.env.PATH ?? '',
      ...options.environment,
    },
  };
}

export interface AgentProcess {
  child: ChildProcess;
  /** everything it wrote so far */
  readOutput(): string;
  /** exit code, or the signal that ended it */
  ended: Promise<number | string>;
  /** resolves when the output matches; rejects when it ends before */
  waitForOutput(pattern: RegExp): Promise<string>;
}

/** Runs a command of the agent. Killed when the test is over. */
export async function runAgent(home: AgentHome, ...args: string[]): Promise<AgentProcess> {
  return runNode(home, [...(home.nodeArgs ?? []), await buildBundle(), ...args]);
}

/** The same from the source, every file by itself, and with Node's inspector open. */
export function runInspectedAgent(home: AgentHome, ...args: string[]): AgentProcess {
  return runNode(home, ['--inspect=127.0.0.1:0', join(import.meta.dirname, '../../../src/cli.ts'), ...args]);
}

function runNode(home: AgentHome, args: readonly string[]): AgentProcess {
  const child = spawn(process.execPath, args, { env: home.environment, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }
  const ended = once(child, 'close').then(([code, signal]: (number | string)[]) => code ?? signal ?? 'unknown');
  const waitForOutput = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        if (!pattern.test(output)) return;
        listeners.delete(look);
        resolve(output);
      };
      listeners.add(look);
      void ended.then(() => reject(new Error(`ended without saying ${pattern}: ${output}`)));
      look();
    });
  return { child, readOutput: () => output, ended, waitForOutput };
}

/** Resolves with the JSON of /readyz once `accepts` holds of it. */
export async function waitUntilReady(home: AgentHome, accepts: (status: { status: string }) => boolean): Promise<void> {
  for (;;) {
    const status = await fetch(`${home.url}/readyz`).then(
      async (response) => (await response.json()) as { status: string },
      () => null,
    );
    if (status && accepts(status)) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
