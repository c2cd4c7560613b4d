import { expect, test } from 'vitest';

import { makeServer } from '@gatehouse/policy/testing/build';
import { refuseConnection } from '@gatehouse/protocol/testing/fake-handshake';
import { ignoreMessage } from '@gatehouse/protocol/testing/fake-hub';

import { LiveRedactor } from '../../src/audit/redaction/live-redactor.ts';
import { enrolAtFakeHub, QUICK, startCore } from '../support/agent/core.ts';
import { makeRecord } from '../support/clients/calls.ts';

test('the agent proves its key, says what it runs and acknowledges what it is pushed', async () => {
  const { hub, path } = await enrolAtFakeHub();
  hub.publish({ servers: [makeServer()] });
  const core = await startCore(path);
  const connection = await hub.connections.waitForFirst();
  expect(await connection.waitForFirst('config-status')).toMatchObject({ nonce: null, appliedVersion: 0 });
  const status = await connection.waitForFirst('config-status', ({ nonce }) => nonce !== null);
  expect(status).toMatchObject({ status: 'applied', appliedVersion: 1 });
  expect(core.current.get()).toMatchObject({ version: 1, contentHash: status.appliedHash });
  expect(core.link.getState()).toMatchObject({ phase: 'connected', error: null });

  hub.publish();
  await connection.waitForFirst('config-status', (status) => status.appliedVersion === 2);
});

test.each([
  ['of protocol 1', null, 1],
  ['of protocol 2', [], 2],
])('it speaks with a hub %s', async (_name, features, protocol) => {
  const { hub, path } = await enrolAtFakeHub({ features });
  hub.publish();
  await startCore(path);
  const connection = await hub.connections.waitForFirst();
  const authenticate = await connection.waitForFirst('authenticate');
  expect(authenticate.protocol).toBe(protocol);
  expect('features' in authenticate).toBe(features !== null);
  await connection.waitForFirst('config-status', (status) => status.appliedVersion === 1);
});

test('it serves the stored snapshot with the hub away, also after its own restart, and catches up when the hub is back', async () => {
  const { hub, path } = await enrolAtFakeHub();
  hub.publish();
  const first = await startCore(path);
  await (await hub.connections.waitForFirst()).waitForFirst('config-status', (status) => status.appliedVersion === 1);
  await hub.close();
  expect(first.current.checkServing(Date.now()).ok).toBe(true);
  await first.close();

  const second = await startCore(path);
  expect(second.current.checkServing(Date.now())).toMatchObject({ ok: true, config: { version: 1 } });
  hub.publish();
  await hub.listen();
  const [, connection] = await hub.connections.waitForCount(2);
  await connection?.waitForFirst('config-status', (status) => status.appliedVersion === 2);
});

test('a message that is none is answered with rejected, and the connection goes on', async () => {
  const { hub, path } = await enrolAtFakeHub();
  await startCore(path);
  const connection = await hub.connections.waitForFirst();
  const bad = ['{', '{"type":"launch-missiles"}', '[]', JSON.stringify({ type: 'config-push', nonce: 'x' })];
  for (const text of bad) connection.sendText(text);
  connection.sendBinary(Buffer.of(1, 2, 3));
  connection.sendText('{"type":"rejected","of":7}');
  connection.sendText(
    JSON.stringify({ type: 'challenge', protocol: 1, nonce: 'n'.repeat(24), serverTime: new Date().toISOString() }),
  );
  const answers = await connection.messages.waitForCount(6, (message) => message.type === 'rejected');
  expect(answers.map((answer) => (answer.type === 'rejected' ? [answer.of, answer.code] : null))).toEqual([
    [null, 'malformed'],
    ['launch-missiles', 'malformed'],
    [null, 'malformed'],
    ['config-push', 'malformed'],
    [null, 'malformed'],
    ['challenge', 'unexpected'],
  ]);
  hub.publish();
  await connection.waitForFirst('config-status', (status) => status.appliedVersion === 1);
});

test('nothing is taken from a hub that has not welcomed the agent', async () => {
  const { hub, path } = await enrolAtFakeHub();
  hub.script.authenticate = ignoreMessage;
  const core = await startCore(path);
  const socket = await hub.sockets.waitForFirst();
  await socket.waitForFirst('authenticate');
  hub.push(socket, hub.buildSnapshot());
  await socket.closed;
  expect(socket.messages.all.map((message) => message.type)).toEqual(['authenticate']);
  expect(core.current.get()).toBeNull();
});

test('heartbeats tell how the agent is; a hub that has gone silent is left', async () => {
  const { hub, path } = await enrolAtFakeHub({ heartbeatMs: 30 });
  await startCore(path);
  const connection = await hub.connections.waitForFirst();
  expect(await connection.waitForFirst('heartbeat')).toMatchObject({
    openSessions: 2,
    bufferedReceipts: 0,
    stdioEntries: ['files'],
  });
  hub.script.handleHeartbeat = ignoreMessage;
  await connection.closed;
  await hub.connections.waitForCount(2);
});

test('T-13: a hub that names an interval beyond what a timer can wait gets heartbeats, and is not left', async () => {
  const { hub, path } = await enrolAtFakeHub({ heartbeatMs: 2 ** 40 });
  await startCore(path, { timings: { ...QUICK, beatMs: { least: 10, most: 50 } } });
  const connection = await hub.connections.waitForFirst();
  await connection.messages.waitForCount(3, ({ type }) => type === 'heartbeat');
  expect(hub.sockets.all).toHaveLength(1);
});

test('nothing more is sent to a draining hub; it is waited for, and joined again when it has closed', async () => {
  const { hub, path } = await enrolAtFakeHub({ features: [] });
  const core = await startCore(path);
  const connection = await hub.connections.waitForFirst();
  hub.script.handleAuditBatch = ignoreMessage;
  core.journal.finish(makeRecord());
  const batch = await connection.waitForFirst('audit-batch');
  connection.send({ type: 'drain', reconnectWithinMs: 20 });
  connection.send(hub.receipts.take(batch.spoolId, batch.receipts));
  core.journal.finish(makeRecord());
  hub.publish();
  hub.script.handleAuditBatch = (socket, { spoolId, receipts }) => socket.send(hub.receipts.take(spoolId, receipts));
  while (core.current.get() === null) await new Promise((resolve) => setImmediate(resolve));
  expect(connection.isOpen).toBe(true);
  await connection.close(1012);
  await hub.receipts.stored.waitForCount(2);
  expect(connection.messages.all.filter((message) => message.type === 'audit-batch')).toHaveLength(1);
  expect(connection.messages.all.some((message) => message.type === 'config-status' && message.nonce !== null)).toBe(false);
  expect(hub.listStoredReceipts().map((receipt) => receipt.seq)).toEqual([1, 2]);
});

test('a draining hub that never closes is left', async () => {
  const { hub, path } = await enrolAtFakeHub();
  await startCore(path, { timings: { ...QUICK, drainMs: 30 } });
  const connection = await hub.connections.waitForFirst();
  connection.send({ type: 'drain', reconnectWithinMs: 20 });
  expect(await connection.closed).toBe(1000);
  await hub.connections.waitForCount(2);
});

test('a clock that is off is seen and told', async () => {
  const { hub, path } = await enrolAtFakeHub();
  const core = await startCore(path, { now: () => new Date(Date.now() + 10 * 60_000) });
  await (await hub.connections.waitForFirst()).waitForFirst('config-status');
  expect(Math.round((core.link.getState().clockSkewMs ?? 0) / 60_000)).toBe(10);

  hub.script.authenticate = (socket) => refuseConnection(socket, 'clock_skew');
  const refused = hub.sockets.waitForCount(3);
  await (await hub.connections.waitForFirst()).cut();
  await refused;
  expect(core.link.getState().error).toMatch(/clock/);
});

test('T-25: no secret that the agent holds is in anything it sent', async () => {
  const { hub, path } = await enrolAtFakeHub();
  const redactor = new LiveRedactor();
  redactor.addSecret('sk-canary-7731-very-secret');
  const core = await startCore(path, { redactor });
  core.journal.finish(
    makeRecord({
      clientName: 'client sk-canary-7731-very-secret',
      clientVersion: Buffer.from('sk-canary-7731-very-secret').toString('base64'),
    }),
  );
  await hub.receipts.stored.waitForCount(1);
  expect(hub.getWireText()).not.toContain('sk-canary');
  expect(hub.getWireText()).not.toContain(Buffer.from('sk-canary-7731-very-secret').toString('base64').slice(4, 20));
});
