import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openTestDatabase } from '@gatehouse/db/testing';
import { openRuntime, type Runtime } from '@gatehouse/services/runtime';

import { makeCaller, makeTenantWithEverything, type Everything } from './world.ts';

let database: Awaited<ReturnType<typeof openTestDatabase>>;
let fixtures: Runtime;
let impatient: Runtime;
let tenant: Everything;
beforeAll(async () => {
  database = await openTestDatabase();
  const url = new URL(database.urls.console);
  url.searchParams.set('options', '-c lock_timeout=50ms');
  const common = { signingKek: Buffer.alloc(32, 7), hubPublicUrl: 'ws://127.0.0.1:3001', log: pino({ level: 'silent' }) };
  fixtures = await openRuntime({ ...common, appDatabaseUrl: database.fixtureUrl });
  impatient = await openRuntime({ ...common, appDatabaseUrl: url.href });
  tenant = await makeTenantWithEverything(fixtures);
});
afterAll(async () => {
  await impatient.close();
  await fixtures.close();
  await database.drop();
});

test('T-07: what waits too long in the database is answered as such, reads and changes, and works again afterwards', async () => {
  const caller = makeCaller(impatient, tenant.slug, tenant.token);
  const owner = await database.connectOwner();
  await owner.query('BEGIN; LOCK TABLE site');
  const busy = { code: 'SERVICE_UNAVAILABLE', message: 'Too much happens at once. Nothing was changed; try again in a moment.' };
  await expect(caller.site.list()).rejects.toMatchObject(busy);
  await expect(caller.site.create({ slug: 'second', name: 'Second' })).rejects.toMatchObject(busy);
  await owner.query('ROLLBACK');
  await caller.site.create({ slug: 'second', name: 'Second' });
  expect((await caller.site.list()).rows).toHaveLength(2);
});
