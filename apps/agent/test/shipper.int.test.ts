import { readFileSync, statSync, writeFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { buildRejection } from '@gatehouse/protocol/codec';
import { CHAIN_START, verifyRun } from '@gatehouse/protocol/receipt-chain';

import { scanFrames } from '../src/audit/frame.ts';
import { enrolAtFakeHub, startCore } from './support/agent/core.ts';
import { makeFacts, makeRecord } from './support/clients/calls.ts';

const DAY_MS = 86_400_000;

test('receipts arrive once, in order, in batches the hub can take, and the mark follows the acknowledgement', async () => {
  const { hub, path } = await enrolAtFakeHub();
  const core = await startCore(path);
  const connection = await hub.connections.waitForFirst();
  const records = Array.from({ length: 1_300 }, () => makeRecord());
  for (const record of records) core.journal.finish(record);
  await hub.receipts.stored.waitForCount(1_300);
  expect(hub.listStoredReceipts().map((receipt) => receipt.id)).toEqual(records.map((record) => record.callId));
  expect(verifyRun(CHAIN_START, hub.listStoredReceipts())).toMatchObject({ ok: true });
  const batches = connection.messages.all.filter((message) => message.type === 'audit-batch');
  expect(batches.length).toBeGreaterThanOrEqual(3);
  for (const batch of batches) expect(batch.type === 'audit-batch' && batch.receipts.length).toBeLessThanOrEqual(500);
  await core.close();
  const restarted = await startCore(path);
  expect(restarted.shipper.getBufferedCount()).toBe(0);
});

test('the age of a list is named only to a hub that reads it, also while there is no connection', async () => {
  const checks = [{ check: 'pin' as const, result: 'pass' as const, listedMsAgo: 812 }];
  for (const [features, named] of [
    [null, undefined],
    [[], undefined],
    [['list-age' as const], 812],
  ] as const) {
    const { hub, path } = await enrolAtFakeHub({ features });
    const core = await startCore(path);
    await (await hub.connections.waitForFirst()).waitForFirst('config-status');
    await core.link.stop();
    core.journal.finish(makeRecord({ checks }));
    core.journal.flush();
    await core.close();
    await startCore(path);
    await hub.receipts.stored.waitForCount(1);
    expect(hub.listStoredReceipts()[0]?.checks[0]?.listedMsAgo).toBe(named);
  }
});

test('a slow hub has one batch to deal with at a time', async () => {
  const { hub, path } = await enrolAtFakeHub();
  const core = await startCore(path);
  let [waiting, most] = [0, 0];
  hub.script.handleAuditBatch = (connection, { spoolId, receipts }) => {
    most = Math.max(most, (waiting += 1));
    setTimeout(() => {
      waiting -= 1;
      connection.send(hub.receipts.take(spoolId, receipts));
    }, 200);
  };
  const connection = await hub.connections.waitForFirst();
  for (let n = 0; n < 3; n++) {
    const batch = connection.waitForNext('audit-batch');
    core.journal.finish(makeRecord());
    await batch;
    core.journal.finish(makeRecord());
  }
  await hub.receipts.stored.waitForCount(6);
  expect(most).toBe(1);
});

test('a lost acknowledgement leads to no duplicate', async () => {
  const { hub, path } = await enrolAtFakeHub();
  const core = await startCore(path);
  const connection = await hub.connections.waitForFirst();
  hub.script.handleAuditBatch = (_connection, { spoolId, receipts }) => void hub.receipts.take(spoolId, receipts);
  core.journal.finish(makeRecord());
  await connection.waitForFirst('audit-batch');
  core.journal.finish(makeRecord());
  await core.spool.sync();
  expect(core.shipper.isBusy()).toBe(true);
  hub.script.handleAuditBatch = (socket, { spoolId, receipts }) => socket.send(hub.receipts.take(spoolId, receipts));
  await connection.cut();
  await hub.receipts.stored.waitForCount(2);
  expect(connection.messages.all.filter((message) => message.type === 'audit-batch')).toHaveLength(1);
  expect(hub.listStoredReceipts().map((receipt) => receipt.seq)).toEqual([1, 2]);
});

test('receipts made while the hub is away arrive when it is back, also over a restart of the agent', async () => {
  const { hub, path } = await enrolAtFakeHub();
  const core = await startCore(path);
  await hub.connections.waitForFirst();
  await hub.close();
  for (let n = 0; n < 20; n++) core.journal.finish(makeRecord());
  core.journal.flush();
  await core.spool.sync();
  expect(core.shipper.getBufferedCount()).toBe(20);
  await core.close();
  const again = await startCore(path);
  again.journal.finish(makeRecord());
  await hub.listen();
  await hub.receipts.stored.waitForCount(21);
  expect(verifyRun(CHAIN_START, hub.listStoredReceipts())).toMatchObject({ ok: true, head: { seq: 21 } });
});

test('a control plane restored from a backup gets again what it misses', async () => {
  const { hub, path } = await enrolAtFakeHub();
  const core = await startCore(path);
  for (let n = 0; n < 10; n++) core.journal.finish(makeRecord());
  const [first] = await hub.receipts.stored.waitForCount(10);
  const connection = await hub.connections.waitForFirst();
  hub.receipts.restore(first?.spoolId ?? '', 4);
  await connection.cut();
  await hub.receipts.stored.waitForCount(16);
  expect(
    hub
      .listStoredReceipts()
      .slice(10)
      .map((receipt) => receipt.seq),
  ).toEqual([5, 6, 7, 8, 9, 10]);
});

test('T-70: a call that a crash cut off between intent and receipt gets its receipt at the next start', async () => {
  const { hub, path } = await enrolAtFakeHub();
  const core = await startCore(path);
  const facts = makeFacts({ clientName: 'x'.repeat(2_000_000) });
  await core.journal.begin(facts);
  await core.close();
  await startCore(path);
  const [receipt] = await hub.receipts.stored.waitForCount(1);
  expect(receipt).toMatchObject({
    id: facts.callId,
    outcome: 'failed',
    reasonCode: 'unknown_after_crash',
    clientName: '[redacted:too-long]',
    name: facts.name,
  });
});

test('a receipt that cannot be made is counted as lost, and the next one says so', async () => {
  const { hub, path } = await enrolAtFakeHub();
  const core = await startCore(path);
  core.journal.finish(makeRecord({ pin: '\uD800 is no text of JSON' }));
  core.journal.finish(makeRecord());
  const [receipt] = await hub.receipts.stored.waitForCount(1);
  expect(receipt).toMatchObject({ lostBefore: 1 });
  expect(core.spool.getLostCount()).toBe(1);
});

test('T-71: damage in the middle does not stop the stream: the rest goes on as a new one that says how many are gone', async () => {
  const { hub, path } = await enrolAtFakeHub();
  const core = await startCore(path);
  await hub.connections.waitForFirst();
  await hub.close();
  const records = Array.from({ length: 6 }, () => makeRecord());
  for (const record of records) core.journal.finish(record);
  await core.close();
  const [segment] = core.spool.segments;
  const bytes = readFileSync(segment?.path ?? '');
  const third = scanFrames(bytes).frames[2]?.end ?? 0;
  bytes.writeUInt8(bytes.readUInt8(third + 40) ^ 1, third + 40);
  writeFileSync(segment?.path ?? '', bytes);

  const again = await startCore(path);
  await hub.listen();
  const stored = await hub.receipts.stored.waitForCount(5);
  const survivors = records.filter((_, index) => index !== 2).map((record) => record.callId);
  expect(stored.map((receipt) => receipt.id)).toEqual(survivors);
  expect(stored.map((receipt) => receipt.lostBefore)).toEqual([0, 0, 1, 0, 0]);
  expect(again.spool.getLostCount()).toBe(1);
  expect(new Set(stored.map((receipt) => receipt.spoolId)).size).toBe(2);
});

test('T-71: a disk that went back in time goes on in a new stream, nothing new is lost', async () => {
  const { hub, path } = await enrolAtFakeHub();
  const core = await startCore(path);
  for (let n = 0; n < 5; n++) core.journal.finish(makeRecord());
  await hub.receipts.stored.waitForCount(5);
  await core.close();
  const [segment] = core.spool.segments;
  const bytes = readFileSync(segment?.path ?? '');
  writeFileSync(segment?.path ?? '', bytes.subarray(0, scanFrames(bytes).frames[3]?.end));

  const again = await startCore(path);
  const record = makeRecord();
  again.journal.finish(record);
  await hub.receipts.stored.waitForFirst((receipt) => receipt.id === record.callId);
  expect(new Set(hub.listStoredReceipts().map((receipt) => receipt.spoolId)).size).toBe(2);
});

test('T-71: a receipt that is never taken is set aside, counted over a restart, and holds up nothing', async () => {
  const { hub, path } = await enrolAtFakeHub();
  const core = await startCore(path);
  const poison = makeRecord();
  hub.script.handleAuditBatch = (connection, message) => {
    if (message.receipts.some((receipt) => receipt.id === poison.callId))
      connection.send(buildRejection('audit-batch', 'foreign_id', 'no'));
    else connection.send(hub.receipts.take(message.spoolId, message.receipts));
  };
  const records = [makeRecord(), makeRecord(), poison, makeRecord()];
  for (const record of records) core.journal.finish(record);
  const stored = await hub.receipts.stored.waitForCount(3);
  expect(stored.map((receipt) => receipt.id)).toEqual(
    records.filter((record) => record !== poison).map((record) => record.callId),
  );
  expect(stored.map((receipt) => receipt.lostBefore)).toEqual([0, 0, 1]);
  const kept = `${path}/refused-receipts/${poison.callId}.json`;
  expect(JSON.parse(readFileSync(kept, 'utf8'))).toMatchObject({ code: 'foreign_id', receipt: { id: poison.callId } });
  expect(statSync(kept).mode & 0o777).toBe(0o600);
  expect(core.refused.getCount()).toBe(1);
  await core.close();
  expect((await startCore(path)).refused.getCount()).toBe(1);
});

test('a hub that says chain_broken is asked again in a new handshake, then gets a new stream', async () => {
  const { hub, path } = await enrolAtFakeHub();
  const core = await startCore(path);
  await hub.connections.waitForFirst();
  let refusals = 0;
  hub.script.handleAuditBatch = (connection, message) => {
    refusals += 1;
    if (refusals <= 2) connection.send(buildRejection('audit-batch', 'chain_broken', 'no'));
    else connection.send(hub.receipts.take(message.spoolId, message.receipts));
  };
  const record = makeRecord();
  core.journal.finish(record);
  await hub.receipts.stored.waitForFirst((receipt) => receipt.id === record.callId);
  expect(hub.connections.all).toHaveLength(2);
});

test('segments stay seven days after their acknowledgement, then go', async () => {
  const { hub, path } = await enrolAtFakeHub();
  let now = Date.now();
  const limits = { segmentBytes: 2_000, totalBytes: 10_000_000, waitingReceipts: 100 };
  const core = await startCore(path, { now: () => new Date(now), limits });
  const ship = async (total: number) => {
    for (let n = hub.listStoredReceipts().length; n < total; n++) {
      core.journal.finish(makeRecord());
      await hub.receipts.stored.waitForCount(n + 1);
    }
  };
  await ship(8);
  const before = core.spool.segments.map((segment) => segment.number);
  expect(before.length).toBeGreaterThan(3);
  now += 6 * DAY_MS;
  await ship(9);
  expect(core.spool.segments[0]?.number).toBe(before[0]);
  now += 2 * DAY_MS;
  await ship(10);
  expect(core.spool.segments[0]?.number).toBeGreaterThan(before[0] ?? 0);
});
