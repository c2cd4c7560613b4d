import { randomUUID } from 'node:crypto';

import { afterAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { makeAgent } from '@gatehouse/db/testing';
import { GENESIS_HASH, type WrittenReceipt } from '@gatehouse/protocol/receipt';

import type { ServiceContext } from '../../src/context.ts';
import type { ServiceErrorReason } from '../../src/errors.ts';
import { getReceipt } from '../../src/receipt/get-receipt.ts';
import { ingestReceipts } from '../../src/receipt/ingest-receipts.ts';
import type { Signal } from '../../src/signals/signals.ts';
import { makeDomain } from '../support/domain.ts';
import { withHash, Spool } from '../support/receipts.ts';
import { makeWorkspace, openWorld, expectRefused } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));

const makeSpool = () => new Spool(domain.workspace.site.id);
const send = ({ spoolId }: Spool, receipts: WrittenReceipt[], ctx = domain.agentCtx) =>
  ingestReceipts({ ctx, input: { spoolId, receipts } });
const readStored = ({ spoolId }: Spool, ctx: ServiceContext = domain.admin) =>
  runInTenant(ctx.runtime.db, ctx.tenantId, (tx) => tx.receipt.findMany({ where: { spoolId }, orderBy: { seq: 'asc' } }));
const listSeqs = async (of: Spool, ctx?: ServiceContext) => (await readStored(of, ctx)).map(({ seq }) => Number(seq));

async function expectRefusal(reason: ServiceErrorReason, work: Promise<unknown>): Promise<void> {
  const error = await expectRefused('precondition', work);
  expect(error.reason).toBe(reason);
}

test('a batch is stored whole and the answer says where the stream stands', async () => {
  const mine = makeSpool();
  const batch = mine.makeBatch(5);
  expect(await send(mine, batch)).toEqual({ throughSeq: 5, headHash: batch[4]?.hash });
  const rows = await readStored(mine);
  expect(rows.map(({ document }) => document)).toEqual(batch);
  expect(rows[0]).toMatchObject({
    tenantId: domain.admin.tenantId,
    agentId: domain.agent.id,
    siteId: domain.workspace.site.id,
    name: 'get_order',
    outcome: 'allowed',
    durationMs: 12.5,
    prevHash: GENESIS_HASH,
  });
  expect(await send(mine, mine.makeBatch(2))).toMatchObject({ throughSeq: 7 });
});

test('the age of the list that a definition was compared with is kept and read', async () => {
  const mine = makeSpool();
  const checks = [812, null].map((listedMsAgo) => ({ check: 'pin' as const, result: 'pass' as const, listedMsAgo }));
  const receipt = mine.makeNext({ checks });
  await send(mine, [receipt]);
  const { document } = await getReceipt({ ctx: domain.admin, input: { id: receipt.id } });
  expect(document.checks).toEqual(checks);
});

test('receipts of the earlier format are taken in one chain with newer ones, kept as they are, and read alike', async () => {
  const mine = makeSpool();
  const earlier = [
    mine.makeEarlier(),
    mine.makeEarlier({ method: 'resources/read', name: 'orders://{id}', advertisedName: 'orders://{id}' }),
  ];
  const unknown = mine.makeEarlier({ name: null, advertisedName: null, nameFingerprint: 'cd'.repeat(16) });
  const batch = [...earlier, unknown, mine.makeNext()];
  expect(await send(mine, batch)).toEqual({ throughSeq: 4, headHash: batch[3]?.hash });
  expect((await readStored(mine)).map(({ document }) => document)).toEqual(batch);
  const details = await Promise.all(batch.map(({ id }) => getReceipt({ ctx: domain.admin, input: { id } })));
  expect(details.map(({ kind, name, nameFingerprint, integrity }) => [kind, name, nameFingerprint, integrity.verified])).toEqual([
    ['tool', 'get_order', null, true],
    ['template', 'orders://{id}', null, true],
    [null, null, 'cd'.repeat(16), true],
    ['tool', 'get_order', null, true],
  ]);
});

test('a refused request is kept with its method, or with none where none could be read', async () => {
  const mine = makeSpool();
  const refusals = [mine.makeNext({ method: 'tools/list' }), mine.makeNext({ method: null })];
  await send(mine, refusals);
  const details = await Promise.all(refusals.map(({ id }) => getReceipt({ ctx: domain.admin, input: { id } })));
  expect(details.map(({ method, integrity }) => [method, integrity.verified])).toEqual([
    ['tools/list', true],
    [null, true],
  ]);
  expect((await readStored(mine)).map(({ method }) => method)).toEqual(['tools/list', null]);
});

test('what is stored already is skipped: whole batches and the overlap of a longer one', async () => {
  const mine = makeSpool();
  const batch = mine.makeBatch(6);
  await send(mine, batch.slice(0, 4));
  expect(await send(mine, batch.slice(0, 2))).toEqual({ throughSeq: 4, headHash: batch[3]?.hash });
  expect(await send(mine, batch.slice(2))).toEqual({ throughSeq: 6, headHash: batch[5]?.hash });
  expect(await listSeqs(mine)).toEqual([1, 2, 3, 4, 5, 6]);
});

test('the same batch from many connections at once is stored once', async () => {
  const [fresh, known] = [makeSpool(), makeSpool()];
  await send(known, known.makeBatch(1));
  for (const mine of [fresh, known]) {
    const batch = mine.makeBatch(50);
    const answers = await Promise.all(Array.from({ length: 12 }, () => send(mine, batch)));
    expect(new Set(answers.map(({ headHash }) => headHash))).toEqual(new Set([batch[49]?.hash]));
    expect((await listSeqs(mine)).slice(-50)).toEqual(batch.map(({ seq }) => seq));
    expect(await listSeqs(mine)).toHaveLength(batch[49]?.seq ?? 0);
  }
});

test('overlapping batches at once end in one unbroken stream', async () => {
  const mine = makeSpool();
  const all = mine.makeBatch(60);
  const pieces = [all.slice(0, 20), all.slice(10, 40), all.slice(20, 40), all.slice(30, 60), all.slice(40, 60), all];
  await Promise.allSettled(pieces.map((piece) => send(mine, piece)));
  await send(mine, all);
  const rows = await readStored(mine);
  expect(rows.map(({ seq }) => Number(seq))).toEqual(all.map(({ seq }) => seq));
  expect(rows.map(({ hash }) => hash)).toEqual(all.map(({ hash }) => hash));
});

test('T-71: a gap is refused, before and inside a batch, and nothing of it is stored', async () => {
  const mine = makeSpool();
  const all = mine.makeBatch(6);
  await expectRefusal('sequence_gap', send(mine, all.slice(1)));
  await send(mine, all.slice(0, 2));
  await expectRefusal('sequence_gap', send(mine, all.slice(3)));
  await expectRefusal('sequence_gap', send(mine, [...all.slice(2, 3), ...all.slice(4)]));
  expect(await listSeqs(mine)).toEqual([1, 2]);
});

test('T-71: an edited, swapped, replaced or re-rooted receipt breaks the chain', async () => {
  const mine = makeSpool();
  const [first, second, third] = mine.makeBatch(3);
  if (!first || !second || !third) throw new Error('Not enough receipts');
  await send(mine, [first]);
  await expectRefusal('chain_broken', send(mine, [{ ...second, outcome: 'denied' }, third]));
  await expectRefusal('chain_broken', send(mine, [{ ...second, hash: '0'.repeat(64) }]));
  await expectRefusal('chain_broken', send(mine, [withHash({ ...second, prevHash: GENESIS_HASH })]));
  const replaced = withHash({ ...second, name: 'other' });
  await expectRefusal('chain_broken', send(mine, [replaced, third]));
  await send(mine, [second, third]);
  // an old disk image that goes on from its own past
  await expectRefusal('chain_broken', send(mine, [withHash({ ...third, name: 'fork' })]));
  await expectRefusal('chain_broken', send(mine, [first, second, withHash({ ...third, name: 'fork' })]));
  expect((await readStored(mine)).map(({ hash }) => hash)).toEqual([first.hash, second.hash, third.hash]);
});

test('a receipt of another spool or another site is refused', async () => {
  const [mine, other] = [makeSpool(), makeSpool()];
  await expectRefusal('foreign_id', send(mine, other.makeBatch(1)));
  const elsewhere = new Spool(randomUUID());
  await expectRefusal('foreign_id', send(elsewhere, elsewhere.makeBatch(1)));
});

test('T-35: tenant and agent come from the connection alone', async () => {
  const other = await makeDomain(await makeWorkspace(world.runtime));
  const mine = makeSpool();
  const batch = mine.makeBatch(2);
  await send(mine, batch);
  // the same spool id under another tenant, and under another agent of the same site, is another stream
  const theirs = new Spool(other.workspace.site.id);
  await send(theirs, theirs.makeBatch(1), other.agentCtx);
  expect(await listSeqs(theirs)).toEqual([]);
  expect(await listSeqs(theirs, other.admin)).toEqual([1]);
  const twin = await makeAgent(world.runtime.db, domain.admin.tenantId, { siteId: domain.workspace.site.id });
  const twinCtx = domain.workspace.makeContext({ kind: 'agent', agentId: twin.id, siteId: domain.workspace.site.id });
  await send(mine, batch, twinCtx);
  expect((await readStored(mine)).map(({ agentId }) => agentId).toSorted()).toEqual(
    [domain.agent.id, domain.agent.id, twin.id, twin.id].toSorted(),
  );
  const foreignId = batch[0]?.id ?? '';
  await expectRefused('not_found', getReceipt({ ctx: other.admin, input: { id: foreignId } }));
});

test('only agents deliver', async () => {
  const mine = makeSpool();
  await expectRefused('not_permitted', send(mine, mine.makeBatch(1), domain.admin));
  await expectRefused('not_permitted', send(mine, mine.makeBatch(1), domain.workspace.asSystem('expire-records')));
});

test('a field that no receipt has, and a batch that is too long, are refused', async () => {
  const mine = makeSpool();
  const [first] = mine.makeBatch(1);
  if (!first) throw new Error('No receipt');
  await expectRefused('invalid', send(mine, [Object.assign({ ...first }, { result_text: 'raw' })]));
  await expectRefused('invalid', send(mine, []));
  await expectRefused('invalid', send(makeSpool(), makeSpool().makeBatch(501)));
});

test('T-73: logged values are redacted a second time on arrival', async () => {
  const mine = makeSpool();
  const token = `ghp_${'a1B2c3D4e5'.repeat(4).slice(0, 36)}`;
  const field = (value: string | number) => ({ pointer: '/order_id', value, redacted: false });
  const recorded = (value: string | number) => ({ fields: [], logged: [field(value)], bytes: 10, truncated: false });
  const result = { isError: false, content: [], structured: [], logged: [field(`x ${token}`)], bytes: 1, truncated: false };
  await send(mine, [mine.makeNext({ arguments: recorded(token), result }), mine.makeNext({ arguments: recorded('8841') })]);
  const rows = await readStored(mine);
  expect(JSON.stringify(rows.map(({ document }) => document))).not.toContain(token);
  expect(rows[0]?.document).toMatchObject({
    arguments: { logged: [{ redacted: true }] },
    result: { logged: [{ redacted: true }] },
  });
  expect(rows[1]?.document).toMatchObject({ arguments: { logged: [{ value: '8841', redacted: false }] } });
  const ids = rows.map(({ id }) => id);
  const verified = await Promise.all(
    ids.map(async (id) => (await getReceipt({ ctx: domain.admin, input: { id } })).integrity.verified),
  );
  expect(verified).toEqual([false, true]);
});

test('text that the database cannot hold does not stop the stream', async () => {
  const mine = makeSpool();
  await send(mine, [mine.makeNext({ clientName: 'a\0b', sessionId: 's\0' }), mine.makeNext()]);
  expect((await readStored(mine)).map(({ clientName }) => clientName)).toEqual(['a\uFFFDb', 'Cursor']);
});

test('two receipts of one id are refused in one batch, and taken one after the other', async () => {
  const mine = makeSpool();
  const batch = [mine.makeNext(), mine.makeNext({ id: 'ABCDEF00-0000-4000-8000-000000000000' })];
  const again = mine.makeNext({ id: 'abcdef00-0000-4000-8000-000000000000' });
  const refused = await expectRefused('invalid', send(mine, [...batch, again]));
  expect(refused.reason).toBe('malformed');
  await send(mine, batch);
  // the time of receiving, which is a part of the key, has to be another one
  await expect.poll(() => send(mine, [again]).catch(() => null)).toMatchObject({ throughSeq: 3 });
});

test('half of a surrogate pair has no canonical form, so no hash of it is believed', async () => {
  const mine = makeSpool();
  await expectRefusal('chain_broken', send(mine, [mine.makeNext({ clientName: '\ud800' })]));
});

test('a receipt with a huge shape is stored without the shape', async () => {
  const mine = makeSpool();
  const fields = Array.from({ length: 256 }, (_, at) => ({
    pointer: `/${'x'.repeat(120)}${at}`.repeat(8),
    type: 'string' as const,
  }));
  const logged = [{ pointer: '/order_id', value: '8841', redacted: false }];
  await send(mine, [mine.makeNext({ arguments: { fields, logged, bytes: 9, truncated: false } })]);
  const [row] = await readStored(mine);
  expect(row?.document).toMatchObject({ arguments: { fields: [], logged, truncated: true } });
});

test('an agent cannot open spools without end', async () => {
  const own = await makeDomain(await makeWorkspace(world.runtime));
  const open = async () => {
    const mine = new Spool(own.workspace.site.id);
    return send(mine, mine.makeBatch(1), own.agentCtx);
  };
  for (let round = 0; round < 64; round += 1) await open();
  await expectRefusal('too_many_spools', open());
});

test('one signal for each batch, none for one that was known', async () => {
  const mine = makeSpool();
  const heard: Signal[] = [];
  const stop = world.runtime.signals.subscribe({ tenantId: domain.admin.tenantId }, (signal) => heard.push(signal));
  const batch = mine.makeBatch(20);
  await send(mine, batch);
  await send(mine, batch);
  const last = mine.makeBatch(1);
  await send(mine, last);
  await expect
    .poll(() => heard.filter(({ kind }) => kind === 'receipt').map(({ id }) => id))
    .toEqual([batch[19]?.id, last[0]?.id]);
  stop();
});
