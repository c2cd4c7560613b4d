import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { createPostgresBackend, Queue } from 'bullmq';
import { onTestFinished } from 'vitest';
import { z } from 'zod';

import { SYSTEM_QUEUE, type TenantJobName } from '../../src/jobs/contracts.ts';
import { buildQueueConnection } from '../../src/jobs/queues.ts';
import type { World } from './world.ts';

const MAIN = fileURLToPath(new URL('../../../../apps/worker/src/main.ts', import.meta.url));
const LogLine = z.looseObject({ msg: z.string(), job: z.string().optional() });

/** What the worker of a deployment does by the clock, in every tenant; and `refresh-snapshots`, which the hub asks for. */
const TICK: readonly TenantJobName[] = [
  'keep-revocations',
  'keep-keyset',
  'expire-records',
  'refresh-snapshots',
  'renew-leases',
  'prune-configurations',
];

interface Work {
  completed: number;
  failed: number;
}

/** Starts the worker's own process on the database of a world; resolves when each job of its clock has run in so many tenants and so many have failed. */
export async function runWorkerProcess(
  { database, signingKek }: World,
  awaited: { tenants: number; failed: number },
): Promise<Work> {
  const worker = spawn(process.execPath, [MAIN], {
    env: {
      GATEHOUSE_WORKER_DATABASE_URL: database.urls.worker,
      GATEHOUSE_SIGNING_KEK: signingKek.toString('base64'),
      GATEHOUSE_WORKER_PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void worker.kill('SIGKILL'));
  const counts = new Map<string, number>();
  const outcome = { completed: 0, failed: 0 };
  for await (const line of createInterface({ input: worker.stdout })) {
    const { msg, job = '' } = LogLine.parse(JSON.parse(line));
    if (msg === 'job failed') outcome.failed += 1;
    if (msg !== 'job completed') continue;
    outcome.completed += 1;
    counts.set(job, (counts.get(job) ?? 0) + 1);
    if (TICK.every((name) => (counts.get(name) ?? 0) >= awaited.tenants) && outcome.failed >= awaited.failed) break;
  }
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  worker.kill('SIGTERM');
  await ended;
  return outcome;
}

/** With the URL of a process that may queue jobs: whatever they are called and say. */
export async function addJobs(url: string, jobs: readonly [name: string, data: unknown][]): Promise<void> {
  const queue = new Queue(SYSTEM_QUEUE, { connection: buildQueueConnection(url, 1) }, createPostgresBackend);
  for (const [name, data] of jobs) await queue.add(name, data);
  await queue.close();
}
