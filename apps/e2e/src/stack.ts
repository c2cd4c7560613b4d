import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Cookie } from '@playwright/test';
import pg from 'pg';
import { z } from 'zod';

import { parseStat } from '@gatehouse/process/proc';
import { findFreePorts } from '@gatehouse/process/testing/free-port';
import { Relay } from '@gatehouse/protocol/testing/relay';

import { readEnv } from './env.ts';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** The documented keys of `.gatehouse/demo.json`. */
const Demo = z.object({
  consoleUrl: z.url(),
  hubUrl: z.url(),
  agentUrl: z.url(),
  tenant: z.string(),
  users: z.array(z.object({ role: z.string(), email: z.string(), password: z.string() })),
  profiles: z.array(z.object({ slug: z.string(), mcpUrl: z.url(), apiKey: z.string() })),
  agents: z.array(z.object({ id: z.string(), name: z.string(), dataDir: z.string() })),
  databaseUrl: z.string(),
  redisUrl: z.string().nullable(),
});
export type Demo = z.infer<typeof Demo>;

/** Counted from the base: where `npm start` puts what it starts. */
const PORT_OFFSETS = [0, 1, 2, 10, 20, 30];

/** In the environment of whoever runs `npm start`, and of nothing that it starts. */
export const OF_THE_SHELL = { E2E_OF_THE_SHELL: 'a-credential-of-the-shell' };

/** `npm start` in a folder of its own, with a recording relay between its agents and its hub. */
export class Stack {
  readonly dataDir: string;
  readonly base: number;
  readonly relay: Relay;
  readonly demo: Demo;
  /** by role, the cookies of one browser in which that person signed in */
  readonly sessions = new Map<string, Cookie[]>();
  readonly #launcher: ChildProcess;
  readonly #ended: Promise<number>;

  private constructor(parts: {
    dataDir: string;
    base: number;
    relay: Relay;
    demo: Demo;
    launcher: ChildProcess;
    ended: Promise<number>;
  }) {
    this.dataDir = parts.dataDir;
    this.base = parts.base;
    this.relay = parts.relay;
    this.demo = parts.demo;
    this.#launcher = parts.launcher;
    this.#ended = parts.ended;
  }

  /** `mail`: what sends mail, by the names of its variables; without, none is sent. */
  static async start(mail: { GATEHOUSE_SMTP_URL: string; GATEHOUSE_MAIL_FROM: string } | null = null): Promise<Stack> {
    const dataDir = mkdtempSync(join(tmpdir(), 'gatehouse-e2e-'));
    const base = await findFreePorts(PORT_OFFSETS);
    const relay = await Relay.start({ host: '127.0.0.1', port: base + 1 });
    const launcher = spawn(process.execPath, [join(root, 'tools/local/start.ts')], {
      cwd: root,
      env: {
        ...process.env,
        ...OF_THE_SHELL,
        REDIS_URL: '',
        ...(mail ?? { GATEHOUSE_SMTP_URL: '', GATEHOUSE_MAIL_FROM: '' }),
        GATEHOUSE_DATA_DIR: dataDir,
        GATEHOUSE_PORT_BASE: String(base),
        // what waits for the worker's next pass waits for no minute here
        GATEHOUSE_WORKER_PASS_SECONDS: '5',
        GATEHOUSE_HUB_PUBLIC_URL: `ws://127.0.0.1:${relay.port}`,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise<number>((resolve) => launcher.once('exit', (code) => resolve(code ?? 1)));
    let output = '';
    const ready = new Promise<void>((resolve, reject) => {
      const read = (chunk: Buffer) => {
        output += chunk.toString();
        if (output.includes('Press Ctrl-C to stop')) resolve();
      };
      launcher.stdout.on('data', read);
      launcher.stderr.on('data', read);
      ended.then((code) => reject(new Error(`npm start ended with code ${code}:\n${output}`)), reject);
    });
    await ready;
    const demo = Demo.parse(JSON.parse(readFileSync(join(dataDir, 'demo.json'), 'utf8')));
    return new Stack({ dataDir, base, relay, demo, launcher, ended });
  }

  /** One of the demo's people; there is one per role. */
  getUser(role: string): { email: string; password: string } {
    const found = this.demo.users.find((user) => user.role === role);
    if (!found) throw new Error(`demo.json names no ${role}`);
    return found;
  }

  getProfile(slug: string): { mcpUrl: string; apiKey: string } {
    const found = this.demo.profiles.find((profile) => profile.slug === slug);
    if (!found) throw new Error(`demo.json names no profile ${slug}`);
    return found;
  }

  /** The pilot's credential, as the agents hold it. */
  readOrdersToken(): string {
    return readFileSync(join(this.dataDir, 'secrets', 'orders-token'), 'utf8').trim();
  }

  /** Runs SQL as the owner, who sees every tenant. */
  async query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.demo.databaseUrl });
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** Every row of every table of the database, as text. */
  async dumpDatabase(): Promise<string> {
    const tables = await this.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    const parts = await Promise.all(
      tables.map(({ name }) => this.query<{ row: string }>(`select t::text as row from ${name} t`)),
    );
    return parts
      .flat()
      .map(({ row }) => row)
      .join('\n');
  }

  /** What the processes of the control plane have written to their logs. */
  readControlPlaneLogs(): string {
    const logs = join(this.dataDir, 'logs');
    return readdirSync(logs)
      .filter((name) => /^(console|hub|worker)\.log$/.test(name))
      .map((name) => readFileSync(join(logs, name), 'utf8'))
      .join('\n');
  }

  /** Ids of everything that `npm start` runs, itself left out. */
  listProcessIds(): number[] {
    const parents = new Map(
      listNumbers('/proc')
        .map(readParent)
        .filter((known) => known !== null),
    );
    const isBelow = (pid: number): boolean => {
      const parent = parents.get(pid);
      return parent !== undefined && (parent === this.#launcher.pid || isBelow(parent));
    };
    return [...parents.keys()].filter(isBelow);
  }

  /** Ends the launcher as Ctrl-C does; returns its exit code and what it left running. */
  async stop(): Promise<{ code: number; leftovers: string[] }> {
    this.#launcher.kill('SIGINT');
    const code = await this.#ended;
    await this.relay.stop();
    const leftovers = listProcesses(this.dataDir);
    rmSync(this.dataDir, { recursive: true, force: true });
    return { code, leftovers };
  }
}

function listNumbers(folder: string): number[] {
  return readdirSync(folder).map(Number).filter(Number.isInteger);
}

/** Id of a process and of its parent; null for one that has ended. */
function readParent(pid: number): [number, number] | null {
  try {
    return [pid, parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8')).parent];
  } catch {
    return null;
  }
}

/** Command lines of the processes whose environment or arguments name a folder. */
function listProcesses(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      try {
        const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return `${commandLine}${readFileSync(`/proc/${pid}/environ`, 'utf8')}`.includes(folder)
          ? [commandLine.replaceAll('\0', ' ')]
          : [];
      } catch {
        // It ended between the listing and the look, or is not ours to read.
        return [];
      }
    });
}

export const getDrillRounds = (full: number): number =>
  readEnv().GATEHOUSE_DRILL === '1' ? full : Math.max(1, Math.ceil(full / 20));
