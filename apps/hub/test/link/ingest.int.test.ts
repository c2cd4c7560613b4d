import { expect, test } from 'vitest';

import { buildReceipts } from '@gatehouse/protocol/testing/build-receipts';

import { openHub } from '../support/world.ts';

const { world, hub } = await openHub();

test('a batch is acknowledged when it is stored, and what is stored is announced at the next connection', async () => {
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(hub);
  const agent = await enrolled.connect(hub);
  const receipts = buildReceipts(3, { siteId: workspace.siteId });
  const { spoolId, hash: headHash } = receipts[2]!;
  agent.send({ type: 'audit-batch', spoolId, receipts });
  expect(await agent.waitForFirst('audit-ack')).toEqual({ type: 'audit-ack', spoolId, throughSeq: 3, headHash });
  expect(await workspace.countReceipts()).toBe(3);
  await agent.close();

  const again = await enrolled.connect(hub);
  expect((await again.waitForFirst('welcome')).streams).toEqual([{ spoolId, lastSeq: 3, headHash }]);
  await again.close();
});

test('a connection that breaks between sending and acknowledgement costs nothing: everything is stored once', async () => {
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(hub);
  const receipts = buildReceipts(40, { siteId: workspace.siteId });
  const { spoolId } = receipts[0]!;
  for (let sent = 5; sent < receipts.length; sent += 5) {
    const agent = await enrolled.connect(hub);
    agent.send({ type: 'audit-batch', spoolId, receipts: receipts.slice(0, sent) });
    agent.sendHeartbeat();
    await agent.cut();
  }
  const agent = await enrolled.connect(hub);
  agent.send({ type: 'audit-batch', spoolId, receipts });
  expect(await agent.waitForFirst('audit-ack')).toMatchObject({ throughSeq: 40, headHash: receipts[39]!.hash });
  expect(await workspace.countReceipts()).toBe(40);
  await agent.close();
});

test('a gap and a broken chain are answered and store nothing; the stream goes on where it stood', async () => {
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(hub);
  const agent = await enrolled.connect(hub);
  const receipts = buildReceipts(6, { siteId: workspace.siteId });
  const { spoolId } = receipts[0]!;
  const send = async (batch: typeof receipts) => {
    const answered = agent.messages.waitForNext(({ type }) => type === 'audit-ack' || type === 'rejected');
    agent.send({ type: 'audit-batch', spoolId, receipts: batch });
    return answered;
  };
  expect(await send(receipts.slice(0, 2))).toMatchObject({ throughSeq: 2 });
  expect(await send(receipts.slice(3))).toMatchObject({ type: 'rejected', of: 'audit-batch', code: 'sequence_gap' });
  expect(await send([{ ...receipts[2]!, durationMs: 9 }])).toMatchObject({ type: 'rejected', code: 'chain_broken' });
  expect(await workspace.countReceipts()).toBe(2);
  expect(await send(receipts)).toMatchObject({ throughSeq: 6 });
  expect(await workspace.countReceipts()).toBe(6);
  expect(agent.isOpen).toBe(true);
  await agent.close();
});

test.each([
  ['a time that the database has not', { eventAt: '0000-01-01T00:00:00Z' }],
  ['a number that is too large', { profileVersion: 2 ** 40 }],
])('T-71: a receipt with %s is refused for good, so that it is not sent for ever', async (_what, poison) => {
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(hub);
  const agent = await enrolled.connect(hub);
  const receipts = buildReceipts(1, { siteId: workspace.siteId, ...poison });
  agent.send({ type: 'audit-batch', spoolId: receipts[0]!.spoolId, receipts });
  expect(await agent.waitForFirst('rejected', ({ of }) => of === 'audit-batch')).toMatchObject({ code: 'malformed' });
  expect(agent.isOpen).toBe(true);
  await agent.close();
});

test('without its database a hub keeps its agents and acknowledges nothing', async () => {
  const cutOff = await world.startHub();
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(hub);
  const agent = await enrolled.connect(cutOff);
  await agent.waitForFirst('config-push');
  await cutOff.runtime.db.close();
  const receipts = buildReceipts(1, { siteId: workspace.siteId });
  agent.send({ type: 'audit-batch', spoolId: receipts[0]!.spoolId, receipts });
  const refusal = await agent.waitForFirst('rejected', ({ of }) => of === 'audit-batch');
  expect(refusal.code).toBe('unavailable');
  expect(refusal.message).not.toMatch(/prisma|postgres|pool|sql/i);
  expect(agent.isOpen).toBe(true);
  await cutOff.stop();
  expect(agent.messages.all.some(({ type }) => type === 'audit-ack')).toBe(false);
});
