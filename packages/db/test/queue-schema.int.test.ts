import { createPostgresBackend, Queue, QueueEvents, Worker } from 'bullmq';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { migrate } from '../src/migrate.ts';
import { buildQueueConnection } from '../src/queue-schema.ts';
import { createTestDatabase, type TestDatabase } from '../src/testing.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test('the worker’s role runs jobs and schedules without any right to change the schema', async () => {
  const options = { connection: buildQueueConnection(database.urls.worker, 2) };
  const queue = new Queue('system', options, createPostgresBackend);
  const events = new QueueEvents('system', options, createPostgresBackend);
  const seen: string[] = [];
  const scheduled = Promise.withResolvers<void>();
  const worker = new Worker(
    'system',
    async (job) => {
      seen.push(job.name);
      if (job.name === 'tick') scheduled.resolve();
      return job.name;
    },
    options,
    createPostgresBackend,
  );
  const problems: Error[] = [];
  const keep = (error: Error) => void problems.push(error);
  queue.on('error', keep);
  events.on('error', keep);
  worker.on('error', keep);
  try {
    const job = await queue.add('ensure-partitions', {});
    expect(await job.waitUntilFinished(events, 50_000)).toBe('ensure-partitions');
    await queue.upsertJobScheduler('ticker', { every: 50 }, { name: 'tick' });
    await scheduled.promise;
    await queue.removeJobScheduler('ticker');
    expect(seen).toContain('tick');
    expect(problems).toEqual([]);
  } finally {
    await worker.close();
    await events.close();
    await queue.close();
  }
});

test.each(['hub', 'worker'] as const)(
  'the role of the %s cannot make a table or rewrite the ledger of the queue schema',
  async (name) => {
    await migrate({ ownerUrl: database.ownerUrl });
    const client = new pg.Client({ connectionString: database.urls[name] });
    await client.connect();
    try {
      for (const sql of [
        'CREATE TABLE bullmq.planted (id int)',
        'DELETE FROM bullmq.migration',
        'CREATE TABLE public.planted (id int)',
      ])
        await expect(client.query(sql)).rejects.toMatchObject({ code: '42501' });
    } finally {
      await client.end();
    }
  },
);
