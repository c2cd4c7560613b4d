import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { ensureReceiptPartitions } from '../src/receipt-partitions.ts';
import { runInTenant } from '../src/tenant.ts';
import { makeTenant, openTestDatabase } from '../src/testing.ts';
import { makeReceiptRow } from './tenant-rows.ts';

let database: Awaited<ReturnType<typeof openTestDatabase>>;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.drop());

async function findPartition(id: string): Promise<string | undefined> {
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  const { rows } = await owner.query<{ name: string }>('SELECT tableoid::regclass::text AS name FROM receipt WHERE id = $1', [
    id,
  ]);
  await owner.end();
  return rows[0]?.name;
}

async function insertReceipt(receivedAt: Date): Promise<{ tenantId: string; id: string }> {
  const { id: tenantId } = await makeTenant(database.db);
  const row = makeReceiptRow(tenantId, { receivedAt });
  await runInTenant(database.db, tenantId, (tx) => tx.receipt.create({ data: row }));
  return { tenantId, id: row.id };
}

test('a receipt of a month without a partition is kept, and moves when the partition is made', async () => {
  const first = await insertReceipt(new Date('2031-05-01T00:00:00.000Z'));
  const second = await insertReceipt(new Date('2031-05-31T23:59:59.999Z'));
  const later = await insertReceipt(new Date('2031-06-01T00:00:00.000Z'));
  expect(await findPartition(first.id)).toBe('receipt_default');

  const now = new Date('2031-05-15T00:00:00Z');
  expect(await ensureReceiptPartitions(database.ownerUrl, { now, monthsAhead: 0 })).toEqual(['receipt_2031_05']);
  const places = await Promise.all([first, second, later].map(({ id }) => findPartition(id)));
  expect(places).toEqual(['receipt_2031_05', 'receipt_2031_05', 'receipt_default']);
  const seen = await runInTenant(database.db, first.tenantId, (tx) => tx.receipt.findMany());
  expect(seen.map(({ id }) => id)).toEqual([first.id]);
});

test('T-30: a new partition has row security, forced, and a policy', async () => {
  const now = new Date('2032-12-15T00:00:00Z');
  expect(await ensureReceiptPartitions(database.ownerUrl, { now, monthsAhead: 1 })).toEqual([
    'receipt_2032_12',
    'receipt_2033_01',
  ]);
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  const { rows } = await owner.query(`
    SELECT relname, relrowsecurity AND relforcerowsecurity AS guarded, (SELECT count(*)::int FROM pg_policy WHERE polrelid = c.oid) AS policies
    FROM pg_class c WHERE relname IN ('receipt_2033_01', 'receipt_default') ORDER BY relname`);
  await owner.end();
  expect(rows).toEqual([
    { relname: 'receipt_2033_01', guarded: true, policies: 1 },
    { relname: 'receipt_default', guarded: true, policies: 1 },
  ]);
});

test('making partitions again or several times at once makes each once', async () => {
  const now = new Date('2034-01-01T00:00:00Z');
  const runs = await Promise.all([1, 2, 3, 4].map(() => ensureReceiptPartitions(database.ownerUrl, { now })));
  expect(runs.flat().sort()).toEqual(['receipt_2034_01', 'receipt_2034_02', 'receipt_2034_03']);
  expect(await ensureReceiptPartitions(database.ownerUrl, { now })).toEqual([]);
});

test('an owner that is no superuser can make partitions of months that already have receipts', async () => {
  const receipt = await insertReceipt(new Date('2035-03-10T00:00:00Z'));
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  const role = `plain_owner_${process.pid}`;
  const url = new URL(database.ownerUrl);
  try {
    await owner.query(`CREATE ROLE ${role} LOGIN PASSWORD 'plain' NOSUPERUSER NOBYPASSRLS`);
    await owner.query(`GRANT CREATE, USAGE ON SCHEMA public TO ${role}; GRANT USAGE ON SCHEMA app TO ${role}`);
    const { rows } = await owner.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relname ~ '^receipt(_default|_[0-9_]+)?$'`,
    );
    for (const { name } of rows) await owner.query(`ALTER TABLE ${name} OWNER TO ${role}`);
    url.username = role;
    url.password = 'plain';
    await ensureReceiptPartitions(url.href, { now: new Date('2035-03-20T00:00:00Z'), monthsAhead: 0 });
    expect(await findPartition(receipt.id)).toBe('receipt_2035_03');
  } finally {
    await owner.query(`REASSIGN OWNED BY ${role} TO CURRENT_USER; DROP OWNED BY ${role}; DROP ROLE ${role}`);
    await owner.end();
  }
});
