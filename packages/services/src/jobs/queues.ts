import { createPostgresBackend, createRedisBackend, Queue, type JobsOptions } from 'bullmq';
import type { Logger } from 'pino';

import { buildQueueConnection } from '@gatehouse/db/queue-schema';

import { openRedis } from '../signals/redis-connection.ts';
import { JOB_PAYLOADS, SYSTEM_QUEUE, type JobName, type JobPayload, type TenantJobName } from './contracts.ts';

export { buildQueueConnection };

export const DEFAULT_QUEUE_PREFIX = 'gatehouse';

/** Where BullMQ keeps its jobs. */
export interface QueueStore {
  /** Postgres, as the application role: the tables are made beforehand by `migrateQueues` */
  appDatabaseUrl: string;
  /** when set, Redis instead */
  redisUrl?: string | undefined;
  /** before every BullMQ key in Redis; DEFAULT_QUEUE_PREFIX unless two copies share one Redis */
  queuePrefix?: string | undefined;
}

/** Puts work on the system queue. */
export interface Queues {
  /** Queues one tenant job. While one waits for the tenant no other is added; while one runs, exactly one more will follow it. */
  enqueueForTenant(name: TenantJobName, tenantId: string): Promise<void>;
  /** Makes `name` run every `everyMs` and once at once. The same for any number of workers. */
  schedule<N extends JobName>(name: N, payload: JobPayload<N>, options: { id: string; everyMs: number }): Promise<void>;
  /** What waits and what failed, for whoever looks after the installation. Not open to the console, which has no queue. */
  measure(): Promise<QueueState>;
  close(): Promise<void>;
}

export interface QueueState {
  waiting: number;
  /** in the last 14 days */
  failed: number;
  /** since when the oldest job waits that is due; null: none does */
  oldestAt: Date | null;
}

const JOB_OPTIONS: JobsOptions = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 1_000, jitter: 0.5 },
  removeOnComplete: { age: 24 * 3_600, count: 1_000 },
  removeOnFail: { age: 14 * 24 * 3_600, count: 5_000 },
};

/** Opens the queue at its first use, so that a process which never queues holds no connection for it. */
export function openQueues(store: QueueStore, log: Logger): Queues {
  let opened: OpenQueue | null = null;
  const queue = () => (opened ??= openQueue(store, log)).queue;
  return {
    async enqueueForTenant(name, tenantId) {
      const payload = JOB_PAYLOADS[name].parse({ tenantId });
      await queue().add(name, payload, { ...JOB_OPTIONS, deduplication: { id: `${name}.${tenantId}`, keepLastIfActive: true } });
    },
    async schedule(name, payload, { id, everyMs }) {
      const data: unknown = JOB_PAYLOADS[name].parse(payload);
      await queue().upsertJobScheduler(id, { every: everyMs }, { name, data, opts: JOB_OPTIONS });
    },
    async measure() {
      const { waiting = 0, failed = 0 } = await queue().getJobCounts('waiting', 'failed');
      const [oldest] = await queue().getJobs(['waiting'], 0, 0, true);
      return { waiting, failed, oldestAt: oldest ? new Date(oldest.timestamp + oldest.delay) : null };
    },
    async close() {
      await opened?.close();
    },
  };
}

interface OpenQueue {
  queue: Pick<Queue, 'add' | 'upsertJobScheduler' | 'getJobCounts' | 'getJobs'>;
  close(): Promise<void>;
}

function openQueue({ appDatabaseUrl, redisUrl, queuePrefix = DEFAULT_QUEUE_PREFIX }: QueueStore, log: Logger): OpenQueue {
  const warn = (error: Error) => log.warn({ err: error }, 'queue connection failed');
  if (redisUrl === undefined) {
    const queue = new Queue(SYSTEM_QUEUE, { connection: buildQueueConnection(appDatabaseUrl, 2) }, createPostgresBackend);
    queue.on('error', warn);
    return { queue, close: () => queue.close() };
  }
  const connection = openRedis({ url: redisUrl, log, use: 'command' });
  const queue = new Queue(SYSTEM_QUEUE, { connection, prefix: queuePrefix }, createRedisBackend);
  queue.on('error', warn);
  return {
    queue,
    close: async () => {
      await queue.close();
      connection.disconnect();
    },
  };
}
