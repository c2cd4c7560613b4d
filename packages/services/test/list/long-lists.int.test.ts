import { randomUUID } from 'node:crypto';

import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { type Database, openDatabase } from '@gatehouse/db/client';

import { MOST_SEARCHED } from '../../src/admin-audit/audit-search.ts';
import { exportAdminAudit } from '../../src/admin-audit/export-admin-audit.ts';
import { listAdminAudit, type ListAdminAudit } from '../../src/admin-audit/list-admin-audit.ts';
import type { ServiceContext } from '../../src/context.ts';
import { listReceipts, type ListReceipts } from '../../src/receipt/list-receipts.ts';
import { addServer, makeDomain } from '../support/domain.ts';
import { Spool } from '../support/receipts.ts';
import { makeWorkspace, openWorld } from '../support/world.ts';

const RECEIPTS = 40_000;
const ACTS = 4 * MOST_SEARCHED;
/** One in so many is a rare one. */
const RARE = 1_000;
/** Rows of the two tables that a list goes through for a page and a total of what is rare. */
const FEW = 500;

const world = await openWorld();
const domain = await makeDomain(await makeWorkspace(world.runtime));
const { admin } = domain;
const often = { personId: randomUUID(), profileId: randomUUID(), serverId: randomUUID(), name: 'get_order' };
const rare = { personId: randomUUID(), profileId: randomUUID(), serverId: randomUUID(), name: 'cancel_order' };
let server: { id: string };
/** One connection, so that what it read is told when it is asked. */
let single: Database;
let ctx: ServiceContext;

beforeAll(async () => {
  server = await addServer(domain, { name: 'Ledger of Oulu' });
  const owner = await world.database.connectOwner();
  await fillReceipts(owner);
  await fillActs(owner);
  // what an index alone answers it answers once the table was vacuumed
  await owner.query('vacuum analyze');
  single = openDatabase({ url: world.database.urls.console, poolSize: 1 });
  ctx = { ...admin, runtime: { ...admin.runtime, db: single } };
}, 240_000);
afterAll(async () => {
  await single.close();
  await world.close();
}, 240_000);

async function fillReceipts(owner: pg.Client): Promise<void> {
  const pick = (of: 'personId' | 'profileId' | 'serverId' | 'name', rest = 0) =>
    `case when n % ${RARE} = ${rest} then '${rare[of]}' else '${often[of]}' end`;
  await owner.query(
    `insert into receipt (tenant_id, received_at, id, agent_id, site_id, spool_id, seq, event_at, person_id, profile_id, server_id, method, name,
       outcome, reason_code, config_version, duration_ms, document, prev_hash, hash)
     select $1::uuid, now() - n * interval '1 minute', gen_random_uuid(), $2::uuid, $3::uuid, $2::uuid, n, now(), (${pick('personId', 1)})::uuid,
       (${pick('profileId', 2)})::uuid, (${pick('serverId', 3)})::uuid, case when n % ${RARE} = 4 then 'prompts/get' else 'tools/call' end, ${pick('name', 5)},
       (case n % ${RARE} when 6 then 'held' when 7 then 'failed' when 8 then 'denied' else 'allowed' end)::outcome, 'ok', 1, 1, $4::jsonb, 'x', 'x'
     from generate_series(1, ${RECEIPTS}) n`,
    [admin.tenantId, domain.agent.id, domain.workspace.site.id, JSON.stringify(new Spool(domain.workspace.site.id).makeNext())],
  );
}

async function fillActs(owner: pg.Client): Promise<void> {
  await owner.query(
    `insert into admin_audit (tenant_id, id, at, actor_kind, actor_id, action, entity_type, entity_id, after)
     select $1::uuid, gen_random_uuid(), now() - n * interval '1 minute', 'person', $2,
       case n % ${RARE} when 1 then 'site.rename' else 'review.decide' end, case n % ${RARE} when 2 then 'mail' else 'review' end,
       case n % ${RARE} when 3 then $3 else gen_random_uuid()::text end, jsonb_build_object('note', case when n = 1 then 'lately' when n = ${ACTS} then 'once upon' else 'said' end)
     from generate_series(1, ${ACTS}) n`,
    [admin.tenantId, randomUUID(), server.id],
  );
}

/** Rows of receipts and of the log that the work goes through, whether it keeps them or not. */
async function countRows(work: () => Promise<unknown>): Promise<number> {
  const read = async (): Promise<number> => {
    await single.pool.query('select pg_stat_force_next_flush()');
    const { rows } = await single.pool.query<{ rows: number }>(
      `select sum(seq_tup_read + idx_tup_fetch)::int as rows from pg_stat_user_tables where schemaname = 'receipts' or relname = 'admin_audit'`,
    );
    return rows[0]?.rows ?? 0;
  };
  const before = await read();
  await work();
  return (await read()) - before;
}

const RECEIPT_FILTERS: [string, ListReceipts][] = [
  ['method', { method: 'prompts/get' }],
  ['tool', { name: rare.name }],
  ['person', { personId: rare.personId }],
  ['profile', { profileId: rare.profileId }],
  ['server', { serverId: rare.serverId }],
  ['server that was never called', { serverId: randomUUID() }],
  ['outcome held', { outcome: 'held' }],
  ['outcome failed', { outcome: 'failed' }],
  ['outcome denied', { outcome: 'denied' }],
  ['outcome held, oldest first', { outcome: 'held', order: 'asc' }],
  ['outcome held of a person who calls often', { outcome: 'held', personId: often.personId }],
  ['outcome held of a tool that is called often', { outcome: 'held', name: often.name }],
  ['outcome failed of a profile that is used often', { outcome: 'failed', profileId: often.profileId }],
  ['outcome denied of a server that is called often', { outcome: 'denied', serverId: often.serverId }],
  ['rare person and profile', { personId: rare.personId, profileId: rare.profileId }],
];

test.each(RECEIPT_FILTERS)(
  'receipts narrowed to what is rare are found without going through the others: %s',
  async (_name, input) => {
    // the first reading of values is written down, and is no reading alone
    await listReceipts({ ctx, input });
    expect(await countRows(() => listReceipts({ ctx, input }))).toBeLessThan(FEW);
  },
);

const ACT_FILTERS: [string, () => ListAdminAudit][] = [
  ['action', () => ({ action: 'site.rename' })],
  ['action that nobody did', () => ({ action: 'site.paint' })],
  ['kind of thing', () => ({ entityType: 'mail' })],
  ['thing', () => ({ entityId: server.id })],
  ['thing, oldest first', () => ({ entityId: server.id, order: 'asc' })],
  ['thing and action', () => ({ entityId: server.id, action: 'server.create' })],
];

test.each(ACT_FILTERS)('acts narrowed to what is rare are found without going through the others: %s', async (_name, build) => {
  expect(await countRows(() => listAdminAudit({ ctx, input: build() }))).toBeLessThan(FEW);
});

const find = async (text: string, input: ListAdminAudit = {}) => listAdminAudit({ ctx, input: { ...input, search: text } });

test('a search goes through the details of the newest acts alone, says since when, and finds what was done and things by their names whenever it was', async () => {
  // once for the page and once for the total
  expect(await countRows(() => find('nobody-said-so'))).toBeLessThan(2 * MOST_SEARCHED + FEW);
  const { detailsFrom, total } = await find('lately');
  expect(total).toBe(1);
  if (detailsFrom === null) throw new Error('All details were searched');
  const older = await find('once');
  expect(older).toMatchObject({ total: 0, detailsFrom });
  // narrowed to the time before, it goes on there
  expect(await find('upon once', { to: new Date(Date.now() - (ACTS - MOST_SEARCHED / 2) * 60_000) })).toMatchObject({
    total: 1,
    detailsFrom: null,
  });
  const oldest = async (text: string) => (await find(text, { order: 'asc', limit: 1 })).rows[0]?.at.getTime() ?? Infinity;
  for (const text of ['rename', 'ledger OULU', server.id]) expect(await oldest(text)).toBeLessThan(detailsFrom.getTime());
  expect((await find('ledger rename')).total).toBe(0);
  expect(await listAdminAudit({ ctx })).toMatchObject({ detailsFrom: null });
});

test('an export goes through the details of every act', async () => {
  const lines = await exportAdminAudit({ ctx, input: { search: 'once', format: 'ndjson' } });
  const read: string[] = [];
  for await (const line of lines) read.push(line);
  expect(read.filter((line) => line.includes('once upon'))).toHaveLength(1);
});
