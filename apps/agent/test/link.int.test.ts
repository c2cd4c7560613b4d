import { once } from 'node:events';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { makeClientKey, makeProfile, makeServer, makeTool } from '@gatehouse/policy/testing/build';
import { refuseConnection } from '@gatehouse/protocol/testing/fake-handshake';
import type { FakeHubOptions } from '@gatehouse/protocol/testing/fake-hub';
import { ignoreMessage, startFakeHub } from '@gatehouse/protocol/testing/fake-hub';
import { verifyEnvelope } from '@gatehouse/protocol/verify';

import { LiveRedactor } from '../src/audit/live-redactor.ts';
import type { Withheld } from '../src/config/current.ts';
import { openStateDir } from '../src/state/state-dir.ts';
import { enrolAt, QUICK, SERVING, startCore } from './support/agent/core.ts';
import { makeRecord } from './support/clients/calls.ts';
import { makeDiskError, FailingDisk } from './support/disk/failing-disk.ts';
import { makeTempDir } from './support/disk/temp-dir.ts';

async function makeHub(options: FakeHubOptions = {}) {
  const hub = await startFakeHub(options);
  onTestFinished(() => hub.close());
  const path = makeTempDir();
  await enrolAt(hub, path);
  return { hub, path };
}

test('the agent proves its key, says what it runs and acknowledges what it is pushed', async () => {
  const { hub, path } = await makeHub();
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
  const { hub, path } = await makeHub({ features });
  hub.publish();
  await startCore(path);
  const connection = await hub.connections.waitForFirst();
  const authenticate = await connection.waitForFirst('authenticate');
  expect(authenticate.protocol).toBe(protocol);
  expect('features' in authenticate).toBe(features !== null);
  await connection.waitForFirst('config-status', (status) => status.appliedVersion === 1);
});

test('parts are fetched from a hub that has them: a new key is a few small messages, and what is withheld is told', async () => {
  const { hub, path } = await makeHub();
  const servers = [makeServer(), makeServer({ slug: 'files', transport: { kind: 'stdio', entry: 'x', processes: 'shared' } })];
  const entries = Array.from({ length: 50 }, (_, n) => makeTool(servers[0] ?? makeServer(), { name: `tool_${n}` }));
  const profile = makeProfile(entries);
  const clientKeys = Array.from({ length: 200 }, () => makeClientKey(profile).key);
  const content = { servers, profiles: [profile], clientKeys };
  let sent = 0;
  hub.script.handlePartRequest = (connection, { nonce, hashes }) => {
    for (const hash of hashes) sent += hub.parts.get(hash)?.length ?? 0;
    hub.sendParts(connection, nonce, hashes);
  };
  hub.publish(content);
  const withheld: [string, Withheld][] = [[servers[1]?.id ?? '', { kind: 'server', code: 'guardrail', reason: 'no such entry' }]];
  const core = await startCore(path, { withheld: new Map(withheld) });
  const connection = await hub.connections.waitForFirst();
  expect(await connection.waitForFirst('config-status', (status) => status.appliedVersion === 1)).toMatchObject({
    withheld: [{ kind: 'server', id: servers[1]?.id, code: 'guardrail', message: 'no such entry' }],
  });
  expect(core.current.get()?.compiled.clientKeysByHash.size).toBe(200);
  const whole = sent;
  hub.publish({ ...content, clientKeys: [...clientKeys, makeClientKey(profile).key] });
  await connection.waitForFirst('config-status', (status) => status.appliedVersion === 2);
  expect(core.current.get()?.compiled.clientKeysByHash.size).toBe(201);
  expect(sent - whole).toBeLessThan(whole / 4);
});

test('a link that ends, and a hub that does not serve the parts of its push, leave nothing half applied', async () => {
  const { hub, path } = await makeHub();
  hub.script.handlePartRequest = ignoreMessage;
  hub.publish({ servers: [makeServer()] });
  const core = await startCore(path);
  const first = await hub.connections.waitForFirst();
  await first.waitForFirst('part-request');
  await first.cut();
  hub.script.handlePartRequest = (connection) =>
    connection.send({ type: 'rejected', of: 'part-request', code: 'foreign_id', message: 'no such push' });
  const third = await hub.connections.waitForCount(3).then((all) => all[2]);
  hub.script.handlePartRequest = (connection, { nonce, hashes }) => hub.sendParts(connection, nonce, hashes);
  expect(core.current.get()).toBeNull();
  hub.publish({ servers: [makeServer()] });
  const latest = await hub.connections.waitForFirst((connection) => connection.isOpen);
  await (latest ?? third)?.waitForFirst('config-status', (status) => status.appliedVersion > 0);
});

test('parts without a push are refused one by one, and pushes that come in a storm do not pile up', async () => {
  const { hub, path } = await makeHub();
  const core = await startCore(path);
  const connection = await hub.connections.waitForFirst();
  connection.send({ type: 'part', nonce: 'n'.repeat(24), hash: 'a'.repeat(64), index: 0, of: 1, data: '' });
  expect(await connection.waitForFirst('rejected')).toMatchObject({ of: 'part', code: 'unexpected' });
  hub.script.handlePartRequest = ignoreMessage;
  for (let round = 0; round < 200; round += 1) hub.publish({ servers: [makeServer()] });
  await connection.waitForFirst('part-request');
  hub.script.handlePartRequest = (socket, { nonce, hashes }) => hub.sendParts(socket, nonce, hashes);
  hub.publish({ servers: [makeServer()] });
  await connection.waitForFirst('config-status', (status) => status.appliedVersion === 201);
  expect(core.current.get()?.version).toBe(201);
});

test('it serves the stored snapshot with the hub away, also after its own restart, and catches up when the hub is back', async () => {
  const { hub, path } = await makeHub();
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

test.each([
  ['hands back the signed manifest that it has', undefined, true],
  ['sends no manifest to a hub that does not take one back', ['parts'] as const, false],
])('after the handshake it %s', async (_name, features, isSent) => {
  const { hub, path } = await makeHub({ features });
  hub.publish();
  const first = await startCore(path);
  const before = await hub.connections.waitForFirst();
  expect(await before.waitForFirst('config-status')).not.toHaveProperty('manifest');
  await before.waitForFirst('config-status', ({ appliedVersion }) => appliedVersion === 1);
  await first.close();

  await startCore(path);
  const [, connection] = await hub.connections.waitForCount(2);
  const { manifest } = (await connection?.waitForFirst('config-status')) ?? {};
  if (!isSent) return expect(manifest).toBeUndefined();
  const keys = new Map([[hub.root.keyId, hub.root.publicKey]]);
  const bytes = verifyEnvelope(manifest ?? expect.fail('nothing came'), keys, 'application/vnd.gatehouse.manifest+json');
  expect(JSON.parse(bytes.toString())).toMatchObject({ version: 1, siteId: hub.place.siteId });
});

test('T-03: every connection uses a higher epoch', async () => {
  const { hub, path } = await makeHub();
  await startCore(path);
  for (let n = 0; n < 4; n++) await (await hub.connections.waitForCount(n + 1))[n]?.cut();
  const epochs = (await hub.connections.waitForCount(5)).map((connection) => connection.agent?.epoch ?? 0);
  expect(epochs).toEqual([1, 2, 3, 4, 5]);
});

test('T-03: a cloned state directory is found out at its first connection, stops serving and stays stopped', async () => {
  const { hub, path } = await makeHub();
  hub.publish();
  const copy = makeTempDir();
  const original = await startCore(path);
  await (await hub.connections.waitForFirst()).waitForFirst('config-status', (status) => status.appliedVersion === 1);
  await original.close();
  cpSync(path, copy, { recursive: true });
  rmSync(join(copy, 'lock'), { force: true });
  await startCore(path);
  await hub.connections.waitForCount(2);

  const refused = hub.sockets.waitForCount(4);
  const clone = await startCore(copy);
  await refused;
  expect(clone.current.getStanding()).toBe('quarantined');
  expect(clone.current.checkServing(Date.now())).toMatchObject({ ok: false, message: expect.stringContaining('quarantined') });
  await clone.close();
  await hub.close();
  const again = await startCore(copy);
  expect(again.current.checkServing(Date.now()).ok).toBe(false);
});

test('a revoked agent stops serving at once, also after a restart without the hub, and serves again when it is welcome', async () => {
  const { hub, path } = await makeHub();
  hub.publish();
  const core = await startCore(path);
  const connection = await hub.connections.waitForFirst();
  await connection.waitForFirst('config-status', (status) => status.appliedVersion === 1);
  hub.script.authenticate = (socket) => refuseConnection(socket, 'revoked');
  const seen = hub.sockets.waitForCount(3);
  await connection.close(4403);
  await seen;
  expect(core.current.checkServing(Date.now())).toMatchObject({ ok: false, message: expect.stringContaining('revoked') });
  expect(core.link.getState().error).toMatch(/revoked/);
  await core.close();

  const again = await startCore(path);
  expect(again.current.checkServing(Date.now()).ok).toBe(false);
  hub.script.authenticate = (socket, message) => hub.welcome(socket, message);
  await (await hub.connections.waitForCount(2))[1]?.waitForFirst('config-status');
  expect(again.current.checkServing(Date.now()).ok).toBe(true);
});

test('with a full disk no connection is made, the reason is told, and it goes on by itself', async () => {
  const { hub, path } = await makeHub();
  const disk = new FailingDisk();
  const core = await startCore(path, { dir: openStateDir(path, disk) });
  const connection = await hub.connections.waitForFirst();
  disk.fail = (step) => (step === 'write' ? makeDiskError('ENOSPC') : null);
  const told = new Promise<void>((resolve) => {
    core.link.onChange(() => {
      if (/disk of .* is full/.test(core.link.getState().error ?? '')) resolve();
    });
  });
  await connection.cut();
  await told;
  disk.fail = () => null;
  await hub.connections.waitForCount(2);
});

test('a standing that cannot be stored stops the serving all the same', async () => {
  const { hub, path } = await makeHub();
  const disk = new FailingDisk();
  const core = await startCore(path, { dir: openStateDir(path, disk) });
  const connection = await hub.connections.waitForFirst();
  disk.fail = (step) => (step === 'write' ? makeDiskError('ENOSPC') : null);
  const stopped = new Promise<void>((resolve) => {
    core.current.onChange(() => {
      if (core.current.getStanding() === 'revoked') resolve();
    });
  });
  await connection.close(4403);
  await stopped;
  disk.fail = () => null;
  await hub.connections.waitForCount(2);
});

test('a message that is none is answered with rejected, and the connection goes on', async () => {
  const { hub, path } = await makeHub();
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
  const { hub, path } = await makeHub();
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
  const { hub, path } = await makeHub({ heartbeatMs: 30 });
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
  const { hub, path } = await makeHub({ heartbeatMs: 2 ** 40 });
  await startCore(path, { timings: { ...QUICK, beatMs: { least: 10, most: 50 } } });
  const connection = await hub.connections.waitForFirst();
  await connection.messages.waitForCount(3, ({ type }) => type === 'heartbeat');
  expect(hub.sockets.all).toHaveLength(1);
});

test('nothing more is sent to a draining hub; it is waited for, and joined again when it has closed', async () => {
  const { hub, path } = await makeHub({ features: [] });
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
  const { hub, path } = await makeHub();
  await startCore(path, { timings: { ...QUICK, drainMs: 30 } });
  const connection = await hub.connections.waitForFirst();
  connection.send({ type: 'drain', reconnectWithinMs: 20 });
  expect(await connection.closed).toBe(1000);
  await hub.connections.waitForCount(2);
});

test('a clock that is off is seen and told', async () => {
  const { hub, path } = await makeHub();
  const core = await startCore(path, { now: () => new Date(Date.now() + 10 * 60_000) });
  await (await hub.connections.waitForFirst()).waitForFirst('config-status');
  expect(Math.round((core.link.getState().clockSkewMs ?? 0) / 60_000)).toBe(10);

  hub.script.authenticate = (socket) => refuseConnection(socket, 'clock_skew');
  const refused = hub.sockets.waitForCount(3);
  await (await hub.connections.waitForFirst()).cut();
  await refused;
  expect(core.link.getState().error).toMatch(/clock/);
});

test('a discovery runs once beside the other messages; asked again, its result is told again', async () => {
  const { hub, path } = await makeHub();
  let release = () => {};
  let runs = 0;
  const released = new Promise<void>((resolve) => (release = resolve));
  await startCore(
    path,
    {},
    {
      ...SERVING,
      async runDiscovery(_order, control) {
        runs += 1;
        control.onProgress({ stage: 'connect', status: 'started' });
        await released;
        return { status: 'failed', code: 'unreachable', message: 'nobody there' };
      },
    },
  );
  const connection = await hub.connections.waitForFirst();
  const order = hub.sendDiscoveryOrder(connection, makeServer());
  await connection.waitForFirst('discovery-progress');
  hub.publish();
  await connection.waitForFirst('config-status', (status) => status.appliedVersion === 1);
  release();
  expect(await connection.waitForFirst('discovery-result')).toMatchObject({
    discoveryId: order.discoveryId,
    outcome: { code: 'unreachable' },
  });

  const result = connection.waitForNext('discovery-result');
  const envelope = hub.root.sign('application/vnd.gatehouse.discovery+json', order);
  connection.send({ type: 'discovery-request', discoveryId: order.discoveryId, envelope });
  expect(await result).toMatchObject({ discoveryId: order.discoveryId, outcome: { code: 'unreachable' } });
  expect(runs).toBe(1);

  hub.sendDiscoveryOrder(connection, makeServer(), { agentId: hub.place.siteId });
  const refused = await connection.waitForFirst('discovery-result', (result) => result.discoveryId !== order.discoveryId);
  expect(refused.outcome).toMatchObject({ status: 'failed', code: 'bad_signature' });
});

test('T-15: orders without end do not use up the agent: what is too much at a time is refused', async () => {
  const { hub, path } = await makeHub();
  let started = 0;
  const runDiscovery: typeof SERVING.runDiscovery = async (order, control) => {
    started += 1;
    await once(control.signal, 'abort');
    return SERVING.runDiscovery(order, control);
  };
  await startCore(path, {}, { ...SERVING, runDiscovery });
  const connection = await hub.connections.waitForFirst();
  for (let n = 0; n < 150; n += 1) hub.sendDiscoveryOrder(connection, makeServer());
  const refused = await connection.messages.waitForCount(50, ({ type }) => type === 'discovery-result');
  for (const result of refused)
    expect(result).toMatchObject({ outcome: { status: 'failed', message: expect.stringMatching(/100 servers/) } });
  expect(started).toBe(100);
});

test('T-25: no secret that the agent holds is in anything it sent', async () => {
  const { hub, path } = await makeHub();
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
