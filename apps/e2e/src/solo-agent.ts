import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { buildAgent } from '@gatehouse/agent/build.ts';
import type { SnapshotContent } from '@gatehouse/policy/documents/snapshot';
import { findFreePort } from '@gatehouse/process/testing/free-port';
import { startFakeHub, type FakeHub } from '@gatehouse/protocol/testing/fake-hub';

import { readEnv } from './env.ts';

const BUNDLE = 'gatehouse-agent.mjs';

/** One entry of the guardrails: a command that a snapshot may name. */
export interface StdioEntry {
  command: string;
  args: string[];
  cwd: string;
  /** names of variables of `environment` that are handed on */
  env?: string[];
}

export interface SoloAgentOptions {
  stdio?: Record<string, StdioEntry>;
  /** the agent's own environment, beside what it needs itself */
  environment?: Record<string, string>;
}

/**
 * The agent as it ships, built from this tree, without a control plane: it enrols at a hub that knows nothing but one signed snapshot,
 * takes that snapshot, and serves.
 */
export class SoloAgent {
  readonly url: string;
  readonly hub: FakeHub;
  readonly #home: string;
  readonly #environment: Record<string, string>;
  #child: ChildProcess | undefined;
  /** rejects when the serving agent is gone */
  #ended: Promise<never> | undefined;
  #output = '';

  private constructor(home: string, hub: FakeHub, listen: string, environment: Record<string, string>) {
    this.#home = home;
    this.hub = hub;
    this.url = `http://${listen}`;
    this.#environment = environment;
  }

  /** Builds the bundle, writes the guardrails and enrols. `serve` starts it; `stop` removes everything. */
  static async create(options: SoloAgentOptions = {}): Promise<SoloAgent> {
    const home = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-solo-')));
    const listen = `127.0.0.1:${await findFreePort()}`;
    const dataDir = join(home, 'state');
    mkdirSync(dataDir);
    const guardrails = join(home, 'guardrails.yaml');
    writeFileSync(guardrails, JSON.stringify(buildGuardrails(options.stdio ?? {})));
    chmodSync(guardrails, 0o444);
    const agent = new SoloAgent(home, await startFakeHub(), listen, {
      ...options.environment,
      PATH: process.env.PATH ?? '',
      HOME: home,
      GATEHOUSE_DATA_DIR: dataDir,
      GATEHOUSE_LISTEN: listen,
      GATEHOUSE_GUARDRAILS_FILE: guardrails,
      GATEHOUSE_ALLOW_OWN_GUARDRAILS: 'true',
    });
    try {
      if (agent.bundle === join(home, BUNDLE)) await buildAgent(agent.bundle);
      const enrol = agent.#run('enroll', agent.hub.createJoinToken());
      const [code] = (await once(enrol, 'close')) as [number | null];
      if (code !== 0) throw new Error(`The agent did not enrol:\n${agent.output}`);
      return agent;
    } catch (error) {
      await agent.stop();
      throw error;
    }
  }

  /** What the agent has written. */
  get output(): string {
    return this.#output;
  }

  /** Process id of the serving agent. */
  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error('The agent is not running.');
    return pid;
  }

  /** Publishes the snapshot and starts the agent, when it does not run yet; returns once the snapshot is in force. Throws when it is refused. */
  async serve(content: Partial<SnapshotContent>): Promise<void> {
    const { version } = this.hub.publish(content);
    const ended = (this.#ended ??= this.#start());
    const applied = (async () => {
      const connection = await this.hub.connections.waitForFirst((candidate) => candidate.isOpen);
      const { status, error } = await connection.waitForFirst(
        'config-status',
        (message) => message.appliedVersion === version || message.status === 'rejected',
      );
      if (status === 'rejected')
        throw new Error(`The agent refused the snapshot: ${error?.message ?? 'no reason'}\n${this.output}`);
    })();
    await Promise.race([ended, applied]);
  }

  #start(): Promise<never> {
    this.#child = this.#run('run');
    const ended = once(this.#child, 'close').then((): never => {
      throw new Error(`The agent ended:\n${this.output}`);
    });
    // Only who waits for a snapshot wants to know.
    ended.catch(() => undefined);
    return ended;
  }

  /** The endpoint of a profile. */
  getMcpUrl(profileSlug: string): string {
    return `${this.url}/p/${profileSlug}/mcp`;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await this.hub.close();
    rmSync(this.#home, { recursive: true, force: true });
  }

  /** The file that runs. */
  get bundle(): string {
    return readEnv().GATEHOUSE_AGENT_BUNDLE ?? join(this.#home, BUNDLE);
  }

  #run(...args: string[]): ChildProcess {
    const child = spawn(process.execPath, [this.bundle, ...args], { env: this.#environment, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-200_000);
      });
    }
    return child;
  }
}

/** Entries with the hashes that a customer would write: of the command, and of every argument that is a file. */
function buildGuardrails(stdio: Record<string, StdioEntry>) {
  const hashed = Object.entries(stdio).map(([name, { command, args, cwd, env = [] }]) => {
    const sha256 = Object.fromEntries([command, ...args.filter(isFile)].map((file) => [file, hashFile(file)]));
    // as the same server runs when it is asked directly, with which the answers are compared
    return [name, { command, args, cwd, env, sha256, sandbox: 'none' }] as const;
  });
  return { stdio: Object.fromEntries(hashed), http: { privateHosts: ['127.0.0.1', 'localhost'] } };
}

function isFile(path: string): boolean {
  try {
    return path.startsWith('/') && readFileSync(path).length >= 0;
  } catch {
    // A directory, or only looks like a path.
    return false;
  }
}

const hashFile = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
