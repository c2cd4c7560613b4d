import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { root, type Stack } from './stack.ts';

/** An agent of our own beside the demo's: the shipped file, its own folder and port, ended as the test likes. */
export class AgentProcess {
  readonly port: number;
  readonly dataDir = mkdtempSync(join(tmpdir(), 'gatehouse-e2e-agent-'));
  readonly #stack: Stack;
  readonly #bundle: string;
  #child: ChildProcess | undefined;
  #output = '';

  /** `bundle`: the file that runs, the present one unless given. */
  constructor(stack: Stack, port: number, bundle = join(root, 'apps/agent/dist/gatehouse-agent.mjs')) {
    this.#stack = stack;
    this.port = port;
    this.#bundle = bundle;
  }

  /** Everything the running process has printed. */
  get output(): string {
    return this.#output;
  }

  /** Starts and waits until the endpoint answers or the process has ended; returns whether it serves. */
  async start(joinToken?: string, environment: Record<string, string> = {}): Promise<boolean> {
    this.#output = '';
    const child = spawn(process.execPath, [this.#bundle, 'up'], {
      env: {
        PATH: process.env.PATH,
        HOME: this.dataDir,
        NODE_ENV: 'production',
        GATEHOUSE_DATA_DIR: join(this.dataDir, 'state'),
        GATEHOUSE_LISTEN: `127.0.0.1:${this.port}`,
        GATEHOUSE_GUARDRAILS_FILE: join(this.#stack.dataDir, 'guardrails.yaml'),
        GATEHOUSE_ALLOW_OWN_GUARDRAILS: 'true',
        ORDERS_TOKEN: this.#stack.readOrdersToken(),
        ...(joinToken ? { GATEHOUSE_ENROLL_TOKEN: joinToken } : {}),
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    const collect = (chunk: Buffer) => {
      this.#output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    while (child.exitCode === null && child.signalCode === null) {
      const answer = await fetch(`http://127.0.0.1:${this.port}/healthz`).catch(() => null);
      if (answer?.ok) return true;
      await delay(20);
    }
    return false;
  }

  /** Sends a signal and waits until the process is gone. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    await exited;
  }

  /** It neither answers nor sends until it is resumed, and its connections stand. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  resume(): void {
    this.#child?.kill('SIGCONT');
  }

  async dispose(): Promise<void> {
    await this.end('SIGTERM');
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
