import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, chown, mkdir, mkdtemp, open, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

import pg from 'pg';
import { z } from 'zod';

import {
  EmbeddedError,
  findBinaries,
  findServerUser,
  ignoreCode,
  isReachable,
  SHARED_DIR,
  type Binaries,
  type ServerUser,
} from './embedded-binaries.ts';
import { listDataProcesses, reclaimServer, takeFolder } from './embedded-owner.ts';
import { buildDatabaseUrl, toProcessUrls, type PerProcess } from './process-roles.ts';

export interface EmbeddedOptions {
  /** everything about this server is kept here; made when missing */
  dir: string;
  /** listens on 127.0.0.1 only */
  port: number;
  /** false, for tests: a power cut may lose the data, and no plan depends on the moment at which the planner's statistics were gathered */
  durable?: boolean;
  maxConnections?: number;
  /** milliseconds that what a crash left of the server before is waited for; else a minute */
  leftMs?: number;
}

export interface EmbeddedPostgres {
  ownerUrl: string;
  /** usable after `migrate({ ownerUrl, passwords })` */
  urls: PerProcess<string>;
  passwords: PerProcess<string>;
  /** where the server's output goes */
  logFile: string;
  /** resolves when the server has ended, by `stop` or on its own, with its exit code or the signal that ended it */
  exited: Promise<ServerExit>;
  /** Ends the server and waits for it. May be called more than once. */
  stop(): Promise<void>;
}

export interface ServerExit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

const OWNER = 'gatehouse';
/** All that the server's processes are given. NODE_ENV means nothing to them; types of other packages ask for it in every environment. */
const SERVER_ENV = { PATH: '/usr/bin:/bin', LC_ALL: 'C', NODE_ENV: 'production' } as const;
const START_MS = 60_000;
const STOP_MS = 15_000;
const LEFT_MS = 60_000;
/** PostgreSQL's words when processes of the server before still have its memory. */
const IN_USE = /pre-existing shared memory block/;
const run = promisify(execFile);
const Password = z
  .string()
  .min(20)
  .prefault(() => randomBytes(24).toString('base64url'));
/** Passwords of the owner and of each process; one that is missing is made. */
const Credentials = z.object({ owner: Password, console: Password, hub: Password, worker: Password });

/** Ends the server when standard input closes, which the kernel does however the parent ends; ends itself when and as the server ends. */
const SUPERVISOR = `exec 3<&0; "$@" 3<&- & server=$!
(cat <&3 >/dev/null; kill -INT $server 2>/dev/null) & watch=$!
wait $server; code=$?; kill $watch 2>/dev/null; [ $code -gt 128 ] && kill -$((code - 128)) $$; exit $code`;

/**
 * Starts PostgreSQL 18 from npm, with no service installed. Keeps its data in `dir`, makes an owner with a generated password (stored in
 * `dir`, mode 0600) and a database. The server ends with this process, also when that is killed.
 * After a crash it waits for what is left of the server before. Throws an EmbeddedError with the server's own last words when it does not start.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const user = await findServerUser();
  const binaries = await findBinaries(user);
  await mkdir(options.dir, { recursive: true, mode: 0o711 });
  const ownerFile = join(options.dir, 'owner.json');
  const logFile = join(options.dir, 'server.log');
  await takeFolder(ownerFile);
  try {
    const base = await ensureClusterBase(options.dir, user);
    const dataDir = join(base, 'data');
    await reclaimServer(dataDir);
    const credentials = await readCredentials(join(options.dir, 'credentials.json'));
    const initialised = await access(join(dataDir, 'PG_VERSION')).then(() => true, ignoreCode('ENOENT'));
    if (!initialised)
      await initializeCluster({ binaries, base, user, password: credentials.owner, durable: options.durable ?? true });

    const { owner, ...passwords } = credentials;
    const ownerUrl = buildDatabaseUrl({ user: OWNER, password: owner, port: options.port, database: OWNER });
    const server = await startServer({ options, logFile, binaries, base, user }, ownerUrl);
    const stop = async () => {
      await server.stop();
      await rm(ownerFile, { force: true });
    };
    return {
      ownerUrl,
      urls: toProcessUrls(ownerUrl, passwords),
      passwords,
      logFile,
      exited: server.exited,
      stop,
    };
  } catch (error) {
    await rm(ownerFile, { force: true });
    throw error;
  }
}

/** Where the cluster lies: inside `dir`, or, when root's folder is closed to the server's user, outside with a link to it. */
async function ensureClusterBase(dir: string, user: ServerUser | null): Promise<string> {
  const inside = join(dir, 'cluster');
  const linked = await readlink(inside).catch(ignoreCode('ENOENT', 'EINVAL'));
  let base = linked ?? inside;
  if (!linked && user && !(await isReachable(inside, user))) {
    await mkdir(SHARED_DIR, { recursive: true, mode: 0o755 });
    base = await mkdtemp(join(SHARED_DIR, 'cluster-'));
    await symlink(base, inside);
  }
  await mkdir(base, { recursive: true, mode: 0o700 });
  if (user) await chown(base, user.uid, user.gid);
  return base;
}

async function readCredentials(file: string): Promise<z.infer<typeof Credentials>> {
  const known = await readFile(file, 'utf8').catch(ignoreCode('ENOENT'));
  const credentials = Credentials.parse(JSON.parse(known ?? '{}'));
  const text = JSON.stringify(credentials);
  if (text !== known) {
    await writeFile(`${file}.new`, text, { mode: 0o600 });
    await rename(`${file}.new`, file);
  }
  return credentials;
}

interface Cluster {
  binaries: Binaries;
  base: string;
  user: ServerUser | null;
}

/** Makes the cluster beside its final place and moves it there, so an interrupted run leaves nothing half made. */
async function initializeCluster({
  binaries,
  base,
  user,
  password,
  durable,
}: Cluster & { password: string; durable: boolean }): Promise<void> {
  const partial = join(base, 'data.new');
  const passwordFile = join(base, 'password');
  await rm(partial, { recursive: true, force: true });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user) await chown(passwordFile, user.uid, user.gid);
  const sync = durable ? [] : ['--no-sync'];
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const login = [`--username=${OWNER}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  await run(binaries.initdb, [`--pgdata=${partial}`, ...login, ...locale, ...sync], {
    ...user,
    cwd: base,
    env: SERVER_ENV,
  });
  await rm(passwordFile);
  await rename(partial, join(base, 'data'));
}

interface Launch extends Cluster {
  options: EmbeddedOptions;
  logFile: string;
}

type Server = Awaited<ReturnType<typeof spawnServer>>;

/** Starts it until it answers, again and again as long as processes of the one before hold its memory. */
async function startServer(launch: Launch, ownerUrl: string): Promise<Server> {
  const dataDir = join(launch.base, 'data');
  for (const end = Date.now() + (launch.options.leftMs ?? LEFT_MS); ; await delay(250)) {
    const server = await spawnServer(launch);
    try {
      await ensureDatabase(ownerUrl, server.exited);
      return server;
    } catch (cause) {
      await server.stop();
      const log = await readFile(launch.logFile, 'utf8');
      if (IN_USE.test(log)) {
        if (Date.now() < end) continue;
        const pids = await listDataProcesses(dataDir);
        const which =
          pids.length > 0 ? `end ${pids.length === 1 ? 'process' : 'processes'} ${pids.join(', ')}` : 'end its processes';
        throw new EmbeddedError(
          `PostgreSQL was killed and something of it is still at work in its folder. Wait until that is done, or ${which} by hand, and start again. (${dataDir})`,
          { cause },
        );
      }
      const complaints = log.split('\n').filter((line) => /could not|ERROR|FATAL|PANIC/.test(line));
      throw new EmbeddedError(`PostgreSQL did not start: ${complaints.slice(-3).join(' | ') || log.slice(-300)}`, { cause });
    }
  }
}

async function spawnServer({ options, logFile, binaries, base, user }: Launch) {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: options.port,
    unix_socket_directories: '',
    max_connections: options.maxConnections ?? 200,
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...(options.durable === false && { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off' }),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = await open(logFile, 'w', 0o600);
  // one that an earlier version made may be open to others
  await log.chmod(0o600);
  const child = spawn('/bin/sh', ['-c', SUPERVISOR, 'sh', binaries.postgres, '-D', join(base, 'data'), ...flags], {
    ...user,
    cwd: base,
    env: SERVER_ENV,
    stdio: ['pipe', log.fd, log.fd],
    detached: true,
  });
  await log.close();
  const exited = new Promise<ServerExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: 127, signal: null }));
  });
  return { exited, stop: () => stopServer(child, exited, join(base, 'data')) };
}

async function stopServer(child: ChildProcess, exited: Promise<ServerExit>, dataDir: string): Promise<void> {
  child.stdin?.end();
  const waiting = new AbortController();
  const late = delay(STOP_MS, 'late' as const, { signal: waiting.signal }).catch(() => undefined);
  const outcome = await Promise.race([exited, late]);
  waiting.abort();
  if (outcome === 'late') await reclaimServer(dataDir);
}

/** Waits until the server answers and makes the owner's database at the first start. */
async function ensureDatabase(ownerUrl: string, exited: Promise<ServerExit>): Promise<void> {
  const admin = new URL(ownerUrl);
  admin.pathname = '/postgres';
  let ended = false;
  void exited.then(() => (ended = true));
  for (const end = Date.now() + START_MS; ;) {
    const client = new pg.Client({ connectionString: admin.href });
    try {
      await client.connect();
      const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [OWNER]);
      if (!rowCount) await client.query(`CREATE DATABASE ${OWNER}`);
      return;
    } catch (error) {
      if (ended || Date.now() > end) throw error;
      await delay(25);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
