import { createPostgresBackend, createRedisBackend, Worker, type Job } from 'bullmq';
import type { Logger } from 'pino';

import { isJobName, SYSTEM_QUEUE } from '@gatehouse/services/jobs/contracts';
import { DEFAULT_QUEUE_PREFIX, buildQueueConnection, type QueueStore } from '@gatehouse/services/jobs/queues';
import { openRedis } from '@gatehouse/services/signals/redis-connection';

import type { JobDeps, JobResult } from '../jobs.ts';
import { runJob } from '../jobs.ts';
import type { WorkerMetrics } from './metrics.ts';

export interface SystemWorker {
  /** Rejects while no job can be taken. */
  waitUntilReady(): Promise<void>;
  /** Takes no new job and waits for those that run. */
  close(): Promise<void>;
}

export interface SystemWorkerOptions {
  store: QueueStore;
  deps: JobDeps;
  metrics: WorkerMetrics;
  concurrency: number;
  log: Logger;
}

/** Takes jobs from the system queue, in Postgres or in Redis. */
export function startSystemWorker({ store, deps, metrics, concurrency, log }: SystemWorkerOptions): SystemWorker {
  const run = async (job: Pick<Job<unknown>, 'id' | 'name' | 'data' | 'attemptsMade'>) => {
    const label = isJobName(job.name) ? job.name : 'unknown';
    const started = performance.now();
    const seconds = () => (performance.now() - started) / 1_000;
    try {
      const result = await runJob(deps, job.name, job.data);
      metrics.recordFinished(label, 'completed', seconds());
      log.info({ job: label, jobId: job.id, result }, 'job completed');
      return result;
    } catch (error) {
      metrics.recordFinished(label, 'failed', seconds());
      log.error({ job: label, jobId: job.id, attempt: job.attemptsMade + 1, err: error }, 'job failed');
      throw error;
    }
  };
  return store.redisUrl === undefined
    ? startOnPostgres(store.appDatabaseUrl, run, concurrency, log)
    : startOnRedis({ url: store.redisUrl, prefix: store.queuePrefix ?? DEFAULT_QUEUE_PREFIX }, run, concurrency, log);
}

type Run = (job: Pick<Job<unknown>, 'id' | 'name' | 'data' | 'attemptsMade'>) => Promise<JobResult>;

function startOnPostgres(url: string, run: Run, concurrency: number, log: Logger): SystemWorker {
  const worker = new Worker(SYSTEM_QUEUE, run, { connection: buildQueueConnection(url), concurrency }, createPostgresBackend);
  worker.on('error', (error) => log.warn({ err: error }, 'queue connection failed'));
  return supervise(worker, () => worker.close());
}

function startOnRedis(
  { url, prefix }: { url: string; prefix: string },
  run: Run,
  concurrency: number,
  log: Logger,
): SystemWorker {
  const connection = openRedis({ url, log, use: 'blocking' });
  const worker = new Worker(SYSTEM_QUEUE, run, { connection, prefix, concurrency }, createRedisBackend);
  worker.on('error', (error) => log.warn({ err: error }, 'queue connection failed'));
  return supervise(worker, async () => {
    await worker.close();
    connection.disconnect();
  });
}

function supervise(worker: Pick<Worker, 'waitUntilReady' | 'isRunning'>, close: () => Promise<void>): SystemWorker {
  return {
    async waitUntilReady() {
      await worker.waitUntilReady();
      if (!worker.isRunning()) throw new Error('The worker takes no jobs');
    },
    close,
  };
}
