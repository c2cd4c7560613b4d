import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, readFile, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { findFreePort } from '@gatehouse/process/testing/free-port';

import { type EmbeddedOptions, startEmbeddedPostgres } from '../src/embedded.ts';

let dir: string;
let port: number;
const children: ChildProcess[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gatehouse-embedded-'));
  await chmod(dir, 0o711);
  port = await findFreePort();
});
afterEach(async () => {
  const pid = await readPostmaster().catch(() => undefined);
  for (const child of children.splice(0)) child.kill('SIGKILL');
  if (pid) await waitUntilDead(pid);
  await rm(dir, { recursive: true, force: true });
});

const linux = process.platform === 'linux';
const start = (folder = dir, more: Partial<EmbeddedOptions> = {}) =>
  startEmbeddedPostgres({ dir: folder, port, durable: false, ...more });

/** Starts a server from a process of its own and waits until it answers. */
async function startElsewhere(): Promise<{ child: ChildProcess; ownerUrl: string }> {
  const source = JSON.stringify(new URL('../src/embedded.ts', import.meta.url).href);
  const script = `const { startEmbeddedPostgres } = await import(${source});
    const server = await startEmbeddedPostgres(${JSON.stringify({ dir, port, durable: false })});
    process.stdout.write(server.ownerUrl);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [ownerUrl] = (await once(child.stdout!, 'data')) as [Buffer];
  return { child, ownerUrl: ownerUrl.toString() };
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function readPostmaster(): Promise<number> {
  return Number((await readFile(join(dir, 'cluster', 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

/** A process that ended and waits to be collected is not alive. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** The shells that watch over the server: everything in its process group that is not PostgreSQL. */
function listSupervisors(pid: number): number[] {
  const group = (process: number) => /\) \S+ \d+ (\d+) /.exec(readFileSync(`/proc/${process}/stat`, 'utf8'))?.[1];
  return readdirSync('/proc')
    .map(Number)
    .filter((other) => other > 1 && isAlive(other) && group(other) === group(pid))
    .filter((other) => !readFileSync(`/proc/${other}/stat`, 'utf8').includes('(postgres)'));
}

async function waitUntilDead(pid: number): Promise<void> {
  while (isAlive(pid)) await delay(10);
}

test.runIf(linux)('data and passwords survive a restart; nothing runs after stop', async () => {
  const first = await start();
  await query(first.ownerUrl, 'CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)');
  const pid = await readPostmaster();
  await first.stop();
  expect(isAlive(pid)).toBe(false);
  await first.stop();

  const second = await start();
  expect(second.ownerUrl).toBe(first.ownerUrl);
  expect(await query(second.ownerUrl, 'SELECT id FROM kept')).toEqual([{ id: 7 }]);
  for (const name of ['credentials.json', 'server.log']) expect((await stat(join(dir, name))).mode & 0o077, name).toBe(0);
  await second.stop();
});

test.runIf(linux)('a server that is killed is told with the signal, one that is stopped with exit code 0', async () => {
  const killed = await start();
  process.kill(await readPostmaster(), 'SIGKILL');
  expect(await killed.exited).toEqual({ code: null, signal: 'SIGKILL' });
  await killed.stop();

  const stopped = await start();
  await stopped.stop();
  expect(await stopped.exited).toEqual({ code: 0, signal: null });
});

test.runIf(linux)('what a killed server leaves at work is waited for', async () => {
  const killed = await start();
  const postmaster = await readPostmaster();
  // a backend that is busy does not look up when its postmaster has died: this one is stopped, so it cannot
  const busy = new pg.Client({ connectionString: killed.ownerUrl });
  busy.on('error', () => undefined);
  await busy.connect();
  const { rows } = await busy.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const backend = rows[0]?.pid ?? 0;
  process.kill(backend, 'SIGSTOP');
  process.kill(postmaster, 'SIGKILL');
  await killed.exited;
  await killed.stop();
  const sentence = new RegExp(`still at work in its folder. Wait until that is done, or end process ${backend} by hand`);
  await expect(start(dir, { leftMs: 0 })).rejects.toThrow(sentence);
  const starting = start();
  const refused = async () => (await readFile(join(dir, 'server.log'), 'utf8')).includes('pre-existing shared memory block');
  await expect.poll(refused).toBe(true);
  process.kill(backend, 'SIGCONT');
  const next = await starting;
  expect(isAlive(backend)).toBe(false);
  expect(await query(next.ownerUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await next.stop();
});

test.runIf(linux)('the server ends when the process that started it is killed', async () => {
  const { child } = await startElsewhere();
  const pid = await readPostmaster();
  child.kill('SIGKILL');
  await waitUntilDead(pid);
});

test.runIf(linux)('a server whose supervisor was killed too is ended at the next start', async () => {
  const { child, ownerUrl } = await startElsewhere();
  await query(ownerUrl, 'CREATE TABLE kept (id int)');
  const pid = await readPostmaster();
  const supervisors = listSupervisors(pid);
  expect(supervisors.length).toBeGreaterThan(1);
  for (const signal of ['SIGSTOP', 'SIGKILL'] as const) for (const supervisor of supervisors) process.kill(supervisor, signal);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isAlive(pid)).toBe(true);

  const next = await start();
  expect(isAlive(pid)).toBe(false);
  expect(await query(next.ownerUrl, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 0 }]);
  await next.stop();
});

test('a folder in use by a live process is refused and left alone', async () => {
  const { ownerUrl } = await startElsewhere();
  await expect(start()).rejects.toThrow(/in use by another process/);
  expect(await query(ownerUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a taken port is reported in the server’s own words', async () => {
  const { ownerUrl } = await startElsewhere();
  const other = await mkdtemp(join(tmpdir(), 'gatehouse-embedded-'));
  await chmod(other, 0o711);
  await expect(start(other)).rejects.toThrow(/Address already in use/);
  expect(await query(ownerUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await rm(other, { recursive: true });
});

test.runIf(process.getuid?.() === 0)(
  'as root in a closed folder, the data lies where the server’s user can reach it',
  async () => {
    await chmod(dir, 0o700);
    const server = await start();
    const elsewhere = await readlink(join(dir, 'cluster'));
    expect(await query(server.ownerUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect((await stat(elsewhere)).uid).not.toBe(0);
    await server.stop();
    await rm(elsewhere, { recursive: true });
  },
);
