import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { getTestRedisUrl } from '@gatehouse/db/testing';

import { scheduleJobs } from '../src/jobs.ts';
import { createWorkerMetrics } from '../src/runtime/metrics.ts';
import { startSystemWorker, type SystemWorker } from '../src/runtime/system-worker.ts';
import { makeTenantWithSite, openDeps, readSnapshotVersion, type Deps } from './support.ts';

const redisUrl = getTestRedisUrl() ?? undefined;
const backends = [{ name: 'Postgres', redisUrl: undefined }, ...(redisUrl ? [{ name: 'Redis', redisUrl }] : [])];
const soon = { timeout: 30_000, interval: 20 };

describe.each(backends)('worker on $name', (backend) => {
  let world: Deps;
  let worker: SystemWorker;
  const metrics = createWorkerMetrics();
  const startWorker = async () => {
    const { store, deps, log } = world;
    worker = startSystemWorker({ store, deps, metrics, concurrency: 2, log });
    await worker.waitUntilReady();
  };
  beforeAll(async () => {
    world = await openDeps(backend.redisUrl);
    await startWorker();
  });
  afterAll(async () => {
    await worker.close();
    await world.close();
  });
  const runs = async (job: string, result: string) => {
    const metric = await metrics.registry.getSingleMetric('gatehouse_jobs_total')?.get();
    return metric?.values.find(({ labels }) => labels.job === job && labels.result === result)?.value ?? 0;
  };

  test('a queued job runs in its tenant', async () => {
    const place = await makeTenantWithSite(world);
    await world.runtime.queues.enqueueForTenant('refresh-snapshots', place.tenantId);
    await vi.waitUntil(async () => (await readSnapshotVersion(world, place)) === 1, soon);
  });

  // before anything is scheduled: what is on its way to a worker that closes, it takes
  test('close waits for the job that runs and takes no other', async () => {
    const { runtime } = world;
    const place = await makeTenantWithSite(world);
    const blocker = await world.database.connectOwner();
    await blocker.query('begin');
    await blocker.query('select 1 from site where id = $1 for update', [place.siteId]);
    await runtime.queues.enqueueForTenant('refresh-snapshots', place.tenantId);
    await vi.waitUntil(async () => (await countWaitingForLock(blocker)) > 0, soon);

    const closed = worker.close();
    const left = await makeTenantWithSite(world);
    await runtime.queues.enqueueForTenant('refresh-snapshots', left.tenantId);
    expect(await Promise.race([closed.then(() => 'closed'), countWaitingForLock(blocker)])).toBe(1);
    await blocker.query('commit');
    await closed;
    expect([await readSnapshotVersion(world, place), await readSnapshotVersion(world, left)]).toEqual([1, 0]);
    await startWorker();
    await vi.waitUntil(async () => (await readSnapshotVersion(world, left)) === 1, soon);
  });

  test('what is scheduled runs at once and reaches every tenant; scheduling again changes nothing', async () => {
    const places = [await makeTenantWithSite(world), await makeTenantWithSite(world)];
    await scheduleJobs(world.runtime.queues);
    await scheduleJobs(world.runtime.queues);
    for (const place of places) await vi.waitUntil(async () => (await readSnapshotVersion(world, place)) === 1, soon);
    for (const job of ['ensure-partitions', 'prune-counters']) {
      await vi.waitUntil(async () => (await runs(job, 'completed')) > 0, soon);
    }
  });

  test('a payload that names no tenant is refused before it is queued', async () => {
    await expect(world.runtime.queues.enqueueForTenant('refresh-snapshots', 'everybody')).rejects.toThrow();
  });
});

async function countWaitingForLock(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows[0]?.count ?? 0;
}
