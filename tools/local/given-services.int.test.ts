import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test, vi } from 'vitest';

import { startEmbeddedPostgres } from '@gatehouse/db/embedded';
import { findFreePort } from '@gatehouse/process/testing/free-port';

import { listGivenServices, requireGivenServices, watchService } from './given-services.ts';

const soon = { timeout: 20_000, interval: 50 };

/** Watches the only service that is given, until the end of the test. Returns what was said of it. */
function watch(settings: { databaseUrl: string | undefined; redisUrl: string | undefined }): string[] {
  const [service] = listGivenServices(settings);
  if (!service) throw new Error('Nothing is given');
  const told: string[] = [];
  const end = new AbortController();
  onTestFinished(() => end.abort());
  void watchService(service, (sentence) => told.push(sentence), { everyMs: 50, signal: end.signal });
  return told;
}

test('a PostgreSQL that stops is told once, and once more when it is back', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'gatehouse-given-'));
  chmodSync(dir, 0o711);
  const port = await findFreePort();
  const start = () => startEmbeddedPostgres({ dir, port, durable: false });
  let server = await start();
  onTestFinished(async () => {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  const told = watch({ databaseUrl: server.ownerUrl, redisUrl: undefined });
  const name = `PostgreSQL at 127.0.0.1:${port} (DATABASE_URL)`;

  await server.stop();
  await vi.waitUntil(() => told.length > 0, soon);
  server = await start();
  await vi.waitUntil(() => told.length > 1, soon);
  expect(told).toEqual([expect.stringContaining(`${name} does not answer (`), `${name} answers again.`]);
  expect(told[0]).not.toContain(new URL(server.ownerUrl).password);
});

test('a Redis that is not there is told', async () => {
  const port = await findFreePort();
  const told = watch({ databaseUrl: undefined, redisUrl: `redis://:secret@127.0.0.1:${port}` });
  await vi.waitUntil(() => told.length > 0, soon);
  expect(told[0]).toMatch(new RegExp(`^Redis at 127\\.0\\.0\\.1:${port} \\(REDIS_URL\\) does not answer`));
});

test('without servers of one’s own there is nothing to watch', () => {
  expect(listGivenServices({ databaseUrl: undefined, redisUrl: undefined })).toEqual([]);
});

test('what was given and does not answer is named before anything is started, without its password', async () => {
  const port = await findFreePort();
  const given = { databaseUrl: `postgres://me:secret@localhost:${port}/x`, redisUrl: `redis://:secret@127.0.0.1:${port}` };
  const refused = `connect ECONNREFUSED [^ ]+:${port}`;
  await expect(requireGivenServices(given)).rejects.toThrow(
    new RegExp(
      `^PostgreSQL at localhost:${port} \\(DATABASE_URL\\) does not answer \\(${refused}\\)\\.\\s+` +
        `Redis at 127\\.0\\.0\\.1:${port} \\(REDIS_URL\\) does not answer \\(${refused}\\)\\. Start it and run the command again\\.$`,
    ),
  );
});
