import { expect, test } from 'vitest';

import { makeClientKey, makeProfile, makeServer, makeTool } from '@gatehouse/policy/testing/build';
import { ignoreMessage } from '@gatehouse/protocol/testing/fake-hub';
import { verifyEnvelope } from '@gatehouse/protocol/verify';

import type { Withheld } from '../../src/config/current.ts';
import { enrolAtFakeHub, startCore } from '../support/agent/core.ts';

test('parts are fetched from a hub that has them: a new key is a few small messages, and what is withheld is told', async () => {
  const { hub, path } = await enrolAtFakeHub();
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
  const { hub, path } = await enrolAtFakeHub();
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
  const { hub, path } = await enrolAtFakeHub();
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

test.each([
  ['hands back the signed manifest that it has', undefined, true],
  ['sends no manifest to a hub that does not take one back', ['parts'] as const, false],
])('after the handshake it %s', async (_name, features, isSent) => {
  const { hub, path } = await enrolAtFakeHub({ features });
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
