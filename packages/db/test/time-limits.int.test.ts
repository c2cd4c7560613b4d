import { afterAll, beforeAll, expect, test } from 'vitest';

import { openDatabase, type Database } from '../src/client.ts';
import { DatabaseBusyError } from '../src/database-busy.ts';
import { PROCESS_NAMES } from '../src/process-roles.ts';
import { runInLookup } from '../src/tenant.ts';
import { createTestDatabase, type TestDatabase } from '../src/testing.ts';

let database: TestDatabase;
let db: Database;
const broken: string[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase({ url: database.urls.console, poolSize: 2, onConnectionError: ({ message }) => broken.push(message) });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

test.each(PROCESS_NAMES)('T-07: no statement, lock or idle transaction of %s lasts for ever', async (name) => {
  const own = openDatabase({ url: database.urls[name], poolSize: 1 });
  try {
    const { rows } = await own.pool.query<{ name: string; setting: string }>(
      `SELECT name, setting FROM pg_settings WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout')`,
    );
    expect(rows).toHaveLength(3);
    for (const { setting } of rows) expect(Number(setting)).toBeGreaterThan(0);
  } finally {
    await own.close();
  }
});

test('T-07: a statement that goes beyond the time of its transaction ends in the server too, as a DatabaseBusyError', async () => {
  const slow = runInLookup(db, {}, (tx) => tx.$queryRaw`SELECT pg_sleep(3600)::text`, { timeoutMs: 200 });
  await expect(slow).rejects.toBeInstanceOf(DatabaseBusyError);
  const owner = await database.connectOwner();
  // an hour is not over before this gives up
  const listSleeping = async () =>
    (await owner.query(`SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'`)).rows;
  await expect.poll(listSleeping).toEqual([]);
});

test('T-07: so does one that waits for a lock, and a read of the generated client', async () => {
  const owner = await database.connectOwner();
  await owner.query('BEGIN; LOCK TABLE tenant');
  const waiting = runInLookup(db, {}, async (tx) => {
    await tx.$executeRaw`SET LOCAL lock_timeout = 50`;
    return tx.tenant.findMany();
  });
  await expect(waiting).rejects.toBeInstanceOf(DatabaseBusyError);
  await owner.query('ROLLBACK');
  expect(await runInLookup(db, {}, (tx) => tx.tenant.findMany())).toEqual([]);
});

test('T-07: a transaction that was left open is ended by the server; the process lives and the next one runs', async () => {
  const left = runInLookup(db, {}, async (tx) => {
    await tx.$executeRaw`SET LOCAL idle_in_transaction_session_timeout = 50`;
    await expect.poll(() => broken.length).toBeGreaterThan(0);
    return tx.tenant.findMany();
  });
  await expect(left).rejects.toThrow();
  expect(broken[0]).toContain('idle-in-transaction timeout');
  expect(await runInLookup(db, {}, (tx) => tx.tenant.findMany())).toEqual([]);
});
