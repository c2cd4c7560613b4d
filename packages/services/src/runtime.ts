import type { Logger } from 'pino';

import { openDatabase, type Database } from '@gatehouse/db/client';

import { openQueues, type Queues } from './jobs/queues.ts';
import { openPostgresSignals } from './signals/postgres-signals.ts';
import { openRedis } from './signals/redis-connection.ts';
import { openRedisSignals } from './signals/redis-signals.ts';
import type { Signals } from './signals/signals.ts';
import { createKeySealer, type KeySealer } from './signing/seal.ts';
import { openPostgresThrottle, openRedisThrottle, type Throttle } from './throttle/throttle.ts';

const LEASE_MS = 14 * 24 * 3_600_000;
const POOL_SIZE = 10;

/** What the verbs work with; one per process. */
export interface Runtime {
  db: Database;
  signals: Signals;
  throttle: Throttle;
  /** refuses in a process without the key-encryption key */
  signer: KeySealer;
  queues: Queues;
  log: Logger;
  now: () => Date;
  settings: RuntimeSettings;
  /** Postgres, and Redis where it is used: each check rejects while it does not answer. */
  dependencies: ReadonlyArray<{ name: string; check: () => Promise<unknown> }>;
  /** Ends every connection. */
  close: () => Promise<void>;
}

export interface RuntimeSettings {
  /** websocket base URL that join tokens carry */
  hubPublicUrl: string;
  /** how long an agent serves a snapshot without hearing of a newer one */
  leaseMs: number;
  /** the agent's bundle on disk, for the console's download */
  agentBundlePath?: string | undefined;
  /** where browsers reach the console; undefined in a process that names it to nobody */
  consoleUrl?: string | undefined;
  /** links go to people by mail, which the worker sends */
  sendsMail: boolean;
}

export interface RuntimeOptions {
  appDatabaseUrl: string;
  redisUrl?: string | undefined;
  queuePrefix?: string | undefined;
  /** 32 bytes; only in processes that sign (console, worker) */
  signingKek?: Uint8Array | undefined;
  hubPublicUrl: string;
  agentBundlePath?: string | undefined;
  consoleUrl?: string | undefined;
  sendsMail?: boolean | undefined;
  log: Logger;
  poolSize?: number | undefined;
  now?: (() => Date) | undefined;
}

/** Opens database, signals and throttle; rejects when the first connection fails. */
export async function openRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { appDatabaseUrl, redisUrl, log } = options;
  const signer = createKeySealer(options.signingKek);
  const db = openDatabase({ url: appDatabaseUrl, poolSize: options.poolSize ?? POOL_SIZE });
  const shared = await openShared(options).catch(async (error: unknown) => {
    await db.close();
    throw error;
  });
  const queues = openQueues({ appDatabaseUrl, redisUrl, queuePrefix: options.queuePrefix }, log);
  return {
    db,
    signals: shared.signals,
    throttle: shared.throttle,
    signer,
    queues,
    log,
    now: options.now ?? (() => new Date()),
    settings: {
      hubPublicUrl: options.hubPublicUrl,
      leaseMs: LEASE_MS,
      agentBundlePath: options.agentBundlePath,
      consoleUrl: options.consoleUrl,
      sendsMail: options.sendsMail ?? false,
    },
    dependencies: [{ name: 'postgres', check: async () => db.prisma.$queryRaw`select 1` }, ...shared.dependencies],
    async close() {
      await queues.close();
      await shared.close();
      await db.close();
    },
  };
}

interface Shared {
  signals: Signals;
  throttle: Throttle;
  dependencies: Runtime['dependencies'];
  close(): Promise<void>;
}

async function openShared({ appDatabaseUrl, redisUrl, log }: RuntimeOptions): Promise<Shared> {
  return redisUrl === undefined ? openOnPostgres(appDatabaseUrl, log) : openOnRedis(redisUrl, log);
}

async function openOnPostgres(url: string, log: Logger): Promise<Shared> {
  const signals = await openPostgresSignals({ url, log });
  const throttle = openPostgresThrottle({ url, log });
  return {
    signals,
    throttle,
    dependencies: [],
    close: async () => {
      await signals.close();
      await throttle.close();
    },
  };
}

function openOnRedis(url: string, log: Logger): Shared {
  const redis = openRedis({ url, log, use: 'command' });
  const signals = openRedisSignals({ publisher: redis, subscriber: openRedis({ url, log, use: 'blocking' }), log });
  return {
    signals,
    throttle: openRedisThrottle(redis, log),
    dependencies: [{ name: 'redis', check: () => redis.ping() }],
    close: async () => {
      await signals.close();
      redis.disconnect();
    },
  };
}
