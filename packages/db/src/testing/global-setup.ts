import type { TestProject } from 'vitest/node';

import { startTestPostgres } from './postgres-server.ts';
import { startTestRedis } from './redis-server.ts';

/** Once per test run: a PostgreSQL with a migrated template, and a Redis where one can be had. Both end with the run. */
export default async function startTestServers(project: TestProject): Promise<() => Promise<void>> {
  const { GATEHOUSE_TEST_DATABASE_URL, REDIS_URL, PATH } = project.config.env;
  const postgres = await startTestPostgres(GATEHOUSE_TEST_DATABASE_URL);
  project.provide('testPostgres', {
    ownerUrl: postgres.ownerUrl,
    template: postgres.template,
    passwords: postgres.passwords,
  });
  const redis = REDIS_URL ? null : await startTestRedis(PATH ?? '/usr/bin:/bin');
  const redisUrl = REDIS_URL ?? redis?.url ?? null;
  if (!redisUrl) process.stderr.write('\n  SKIPPING every test that needs Redis: no redis-server on PATH and no REDIS_URL.\n\n');
  project.provide('testRedisUrl', redisUrl);
  return async () => {
    await redis?.stop();
    await postgres.stop();
  };
}
