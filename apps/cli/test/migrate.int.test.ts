import pg from 'pg';
import { afterAll, expect, test } from 'vitest';

import { toProcessUrls } from '@gatehouse/db/process-roles';
import { withDatabase } from '@gatehouse/db/schema-engine';
import { createTestDatabase } from '@gatehouse/db/testing';

import { runCli } from './run-cli.ts';

const database = await createTestDatabase();
const name = `gatehouse_cli_${Date.now()}`;
const ownerUrl = withDatabase(database.ownerUrl, name);
afterAll(async () => {
  const owner = await database.connectOwner();
  await owner.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await database.drop();
});

test('an empty database gets everything, and a second time nothing', async () => {
  const owner = await database.connectOwner();
  await owner.query(`CREATE DATABASE ${name}`);
  // the roles belong to the whole server, so they keep the passwords that its other tests use
  const password = (role: 'console' | 'hub' | 'worker') => decodeURIComponent(new URL(database.urls[role]).password);
  const urls = toProcessUrls(ownerUrl, { console: password('console'), hub: password('hub'), worker: password('worker') });
  const env = { DATABASE_URL: ownerUrl, GATEHOUSE_HUB_DATABASE_URL: urls.hub };
  const first = await runCli(['migrate', '--json'], env);
  expect([first.code, first.stderr]).toEqual([0, '']);
  expect((JSON.parse(first.stdout) as { applied: string[] }).applied.length).toBeGreaterThan(1);
  expect(await runCli(['migrate'], env)).toEqual({ code: 0, stdout: 'The database is up to date.\n', stderr: '' });

  const hub = new pg.Client({ connectionString: urls.hub });
  await hub.connect();
  expect((await hub.query('select current_user as name')).rows).toEqual([{ name: 'gatehouse_hub' }]);
  await hub.end();
});

test('what is missing or of another role is said before anything is done', async () => {
  const { code, stderr } = await runCli(['migrate'], { GATEHOUSE_HUB_DATABASE_URL: database.urls.worker });
  expect([code, stderr.trim().split('\n')]).toEqual([
    1,
    ['DATABASE_URL: is needed', 'GATEHOUSE_HUB_DATABASE_URL: must name the role gatehouse_hub'],
  ]);
});
