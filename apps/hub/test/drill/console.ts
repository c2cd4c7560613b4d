import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

import { z } from 'zod';

import { findFreePort } from '@gatehouse/process/testing/free-port';

import { startProcess } from '../support/processes.ts';
import { describeRefusal } from './calls.ts';

const run = promisify(execFile);

/** Builds the console of a tree, as a release has it. Takes a minute or two. */
export async function buildConsole(tree: string): Promise<void> {
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' };
  await run('npm', ['run', 'build'], { cwd: join(tree, 'apps/console'), env, maxBuffer: 1 << 26 });
}

/** The console at one address, whose code goes from one release to another. */
export class MovingConsole {
  readonly url: string;
  readonly #env: Record<string, string>;
  #running: ReturnType<typeof startProcess> | null = null;

  private constructor(port: number, env: Record<string, string>) {
    this.url = `http://127.0.0.1:${port}`;
    this.#env = {
      PATH: process.env['PATH'] ?? '',
      NODE_ENV: 'production',
      NEXT_TELEMETRY_DISABLED: '1',
      GATEHOUSE_CONSOLE_PORT: String(port),
      NEXTAUTH_URL: this.url,
      NEXTAUTH_SECRET: randomBytes(32).toString('base64'),
      ...env,
    };
  }

  /** `env`: what a console needs beside its address and the secret of its sessions */
  static async make(env: Record<string, string>): Promise<MovingConsole> {
    return new MovingConsole(await findFreePort(), env);
  }

  /** Ends what runs as systemd does, and goes on with the code of this tree. `waitUntilReady`: rejects with what the process said */
  async moveTo(tree: string, waitUntilReady: (running: ReturnType<typeof startProcess>) => Promise<void>): Promise<void> {
    await this.#running?.stop();
    this.#running = startProcess(join(tree, 'apps/console/dist/main.mjs'), [], this.#env);
    await waitUntilReady(this.#running);
  }
}

const Csrf = z.object({ csrfToken: z.string() });

/** Somebody at a browser who signs in once, and goes on reading pages and asking procedures until stopped. */
export class Visitor {
  /** pages and answers that came */
  count = 0;
  /** what came instead of one, but for the restarts of the console */
  readonly failed: string[] = [];
  /** what came instead of one in a restart, and how often */
  readonly inPauses = new Map<string, number>();
  readonly #url: string;
  readonly #cookies = new Map<string, string>();
  #isPaused = false;
  #isStopped = false;
  #loop: Promise<void> = Promise.resolve();

  private constructor(url: string) {
    this.#url = url;
  }

  static async signIn(url: string, { email, password }: { email: string; password: string }): Promise<Visitor> {
    const visitor = new Visitor(url);
    const { csrfToken } = Csrf.parse(await (await visitor.#ask('/api/auth/csrf')).json());
    const body = new URLSearchParams({ csrfToken, email, password, workspace: 'acme', json: 'true' });
    const answer = await visitor.#ask('/api/auth/callback/credentials', { method: 'POST', body, headers: { origin: url } });
    if (answer.status !== 200) throw new Error(`Signing in was answered with ${answer.status}`);
    visitor.#loop = visitor.#run(['/t/acme', '/t/acme/servers', '/t/acme/api/trpc/me.get', '/t/acme/profiles']);
    return visitor;
  }

  /** While this is done, requests may fail. */
  async pause(act: () => Promise<void>): Promise<void> {
    this.#isPaused = true;
    await act();
    this.#isPaused = false;
  }

  /** Waits until so many more came. */
  async waitForMore(count: number): Promise<void> {
    for (const goal = this.count + count; this.count < goal && this.failed.length === 0;) await delay(20);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#loop;
  }

  async #run(paths: readonly string[]): Promise<void> {
    for (let turn = 0; !this.#isStopped; turn += 1) {
      const path = paths[turn % paths.length] ?? '';
      const before = this.#isPaused;
      // one that has to sign in again is sent to another page
      const said = await this.#ask(path).then(
        async (answer) => ((await answer.text()) && answer.status === 200 ? null : `${path}: ${answer.status}`),
        (error: unknown) => describeRefusal(error),
      );
      if (said === null) this.count += 1;
      else if (before || this.#isPaused) this.inPauses.set(said, (this.inPauses.get(said) ?? 0) + 1);
      else this.failed.push(said);
      await delay(50);
    }
  }

  async #ask(path: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...Object.fromEntries(new Headers(init.headers)), cookie };
    const answer = await fetch(`${this.#url}${path}`, { ...init, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    return answer;
  }
}
