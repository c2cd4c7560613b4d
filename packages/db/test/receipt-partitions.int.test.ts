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
  const owner = await database.connectOwner();
  const { rows } = await owner.query<{ name: string }>('SELECT tableoid::regclass::text AS name FROM receipt WHERE id = $1', [
    id,
  ]);
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
  expect(await findPartition(first.id)).toBe('receipts.receipt_default');

  const now = new Date('2031-05-15T00:00:00Z');
  expect(await ensureReceiptPartitions(database.urls.worker, { now, monthsAhead: 0 })).toEqual(['receipt_2031_05']);
  const places = await Promise.all([first, second, later].map(({ id }) => findPartition(id)));
  expect(places).toEqual(['receipts.receipt_2031_05', 'receipts.receipt_2031_05', 'receipts.receipt_default']);
  const seen = await runInTenant(database.db, first.tenantId, (tx) => tx.receipt.findMany());
  expect(seen.map(({ id }) => id)).toEqual([first.id]);
});

test('T-30: a new partition has row security, forced, and a policy', async () => {
  const now = new Date('2032-12-15T00:00:00Z');
  expect(await ensureReceiptPartitions(database.urls.worker, { now, monthsAhead: 1 })).toEqual([
    'receipt_2032_12',
    'receipt_2033_01',
  ]);
  const owner = await database.connectOwner();
  const { rows } = await owner.query(`
    SELECT relname, relrowsecurity AND relforcerowsecurity AS guarded, (SELECT count(*)::int FROM pg_policy WHERE polrelid = c.oid) AS policies
    FROM pg_class c WHERE relname IN ('receipt_2033_01', 'receipt_default') ORDER BY relname`);
  expect(rows).toEqual([
    { relname: 'receipt_2033_01', guarded: true, policies: 1 },
    { relname: 'receipt_default', guarded: true, policies: 1 },
  ]);
});

test('making partitions again or several times at once makes each once', async () => {
  const now = new Date('2034-01-01T00:00:00Z');
  const runs = await Promise.all([1, 2, 3, 4].map(() => ensureReceiptPartitions(database.urls.worker, { now })));
  expect(runs.flat().sort()).toEqual(['receipt_2034_01', 'receipt_2034_02', 'receipt_2034_03']);
  expect(await ensureReceiptPartitions(database.urls.worker, { now })).toEqual([]);
});

test('the owner makes partitions too, and the worker owns them', async () => {
  const receipt = await insertReceipt(new Date('2035-03-10T00:00:00Z'));
  await ensureReceiptPartitions(database.ownerUrl, { now: new Date('2035-03-20T00:00:00Z'), monthsAhead: 0 });
  expect(await findPartition(receipt.id)).toBe('receipts.receipt_2035_03');
  const owner = await database.connectOwner();
  const { rows } = await owner.query(`SELECT relowner::regrole::text AS owner FROM pg_class WHERE relname = 'receipt_2035_03'`);
  expect(rows).toEqual([{ owner: 'gatehouse_worker' }]);
});

test.each(['console', 'hub'] as const)('the role of the %s cannot make one', async (name) => {
  const now = new Date('2036-01-01T00:00:00Z');
  await expect(ensureReceiptPartitions(database.urls[name], { now })).rejects.toMatchObject({ code: '42501' });
});
