import { cpSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { makeClientKey, makeProfile } from '@gatehouse/policy/testing/build';
import type { FakeHub } from '@gatehouse/protocol/testing/fake-hub';
import type { FakeHubConnection } from '@gatehouse/protocol/testing/fake-hub-connection';

import { isStillValid } from '../../src/call/client-key.ts';
import { enrolAtFakeHub, startConnected, startCore } from '../support/agent/core.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';

/** A hub whose site serves one profile with a key, and the directory of an agent that has that configuration. */
async function makeServed() {
  const { hub, path } = await enrolAtFakeHub();
  const profile = makeProfile([]);
  const { key } = makeClientKey(profile);
  hub.publish({ profiles: [profile], clientKeys: [key] });
  type Core = Awaited<ReturnType<typeof startCore>>;
  const serves = ({ current }: Core) => {
    const config = current.get();
    return config !== null && current.checkServing(Date.now()).ok && isStillValid(config, key, new Date());
  };
  const start = (from = path) => startConnected(hub, from);
  return { hub, path, profile, key, serves, start };
}

/** As a hub does: everything at once after the agent's word. Resolves when the agent holds it. */
async function bringLog({ revocations }: FakeHub, connection: FakeHubConnection): Promise<void> {
  await connection.waitForFirst('revocations-status');
  const { root } = revocations.buildHead();
  connection.send(revocations.buildPush());
  await connection.waitForFirst('revocations-status', (status) => status.root === root);
}

test('a key ends though every configuration since is refused', async () => {
  const { hub, key, profile, serves, start } = await makeServed();
  const { core, connection } = await start();
  await connection.waitForFirst('config-status', ({ appliedVersion }) => appliedVersion === 1);
  expect(serves(core)).toBe(true);
  // the newest configuration has it no more, and contradicts itself
  hub.publish({ profiles: [profile, profile], clientKeys: [] });
  expect(await connection.waitForFirst('config-status', ({ status }) => status === 'rejected')).toMatchObject({
    appliedVersion: 1,
  });
  expect(serves(core)).toBe(true);
  hub.revocations.add('end', { kind: 'key', id: key.keyId });
  await bringLog(hub, connection);
  expect(serves(core)).toBe(false);
});

test('an old copy of the folder does not revive a key: the log comes before any configuration', async () => {
  const { hub, path, key, serves, start } = await makeServed();
  const first = await start();
  await first.connection.waitForFirst('config-status', ({ appliedVersion }) => appliedVersion === 1);
  await first.core.close();
  const copy = join(makeTempDir(), 'copy');
  cpSync(path, copy, { recursive: true });

  const second = await start();
  hub.revocations.add('end', { kind: 'key', id: key.keyId });
  hub.revocations.add('end', { kind: 'key', id: 'another' });
  await bringLog(hub, second.connection);
  await second.core.close();
  const again = await start();
  expect(serves(again.core)).toBe(false);
  await again.core.close();

  // the connection number goes on, or the hub would take the copy for a second agent
  cpSync(join(path, 'epoch'), join(copy, 'epoch'));
  const restored = await start(copy);
  expect(serves(restored.core)).toBe(true);
  expect(await restored.connection.waitForFirst('revocations-status')).toMatchObject({ count: 0 });
  await bringLog(hub, restored.connection);
  expect(serves(restored.core)).toBe(false);
});

test('with the hub away and the newest configuration damaged, the one before serves without what was revoked', async () => {
  const { hub, path, profile, key, serves, start } = await makeServed();
  const other = makeClientKey(profile).key;
  hub.publish({ profiles: [profile], clientKeys: [key, other] });
  const { core, connection } = await start();
  await connection.waitForFirst('config-status', ({ appliedVersion }) => appliedVersion === 2);
  hub.publish({ profiles: [profile], clientKeys: [other], revokedKeyIds: [key.keyId] });
  await connection.waitForFirst('config-status', ({ appliedVersion }) => appliedVersion === 3);
  hub.revocations.add('end', { kind: 'key', id: key.keyId });
  await bringLog(hub, connection);
  await core.close();
  await hub.close();
  truncateSync(join(path, 'manifest.json'), 100);

  const again = await startCore(path);
  expect(again.current.get()?.version).toBe(2);
  expect(serves(again)).toBe(false);
  const config = again.current.get();
  expect(config && isStillValid(config, other, new Date())).toBe(true);
});

test('an agent that is ahead of a restored control plane hands its log back, once', async () => {
  const { hub, serves, key, start } = await makeServed();
  const { core, connection } = await start();
  hub.revocations.add('end', { kind: 'key', id: key.keyId });
  hub.revocations.add('end', { kind: 'key', id: 'another' });
  await bringLog(hub, connection);
  const restored = hub.revocations.signHead(hub.revocations.buildHead([]));
  connection.send({ type: 'revocations', entries: [], head: restored });
  expect((await connection.waitForFirst('revocations-back')).entries).toEqual(hub.revocations.entries);
  connection.send({ type: 'revocations', entries: [], head: restored });
  await connection.waitForNext('revocations-status');
  expect(connection.messages.all.filter(({ type }) => type === 'revocations-back')).toHaveLength(1);
  expect(serves(core)).toBe(false);
});

test('T-13: a log that is older than the guardrails allow refuses calls until it is confirmed', async () => {
  const { hub, path } = await makeServed();
  let now = Date.now();
  const core = await startCore(path, { maxAgeMs: 900_000, now: () => new Date(now) });
  const connection = await hub.connections.waitForFirst();
  await connection.waitForFirst('config-status', ({ appliedVersion }) => appliedVersion === 1);
  expect(core.current.checkServing(now)).toMatchObject({ ok: false, code: 'lease_expired' });
  hub.revocations.add('end', { kind: 'key', id: 'another' });
  await bringLog(hub, connection);
  expect(core.current.checkServing(now).ok).toBe(true);
  now += 1_000_000;
  expect(core.current.checkServing(now)).toMatchObject({
    ok: false,
    message: expect.stringContaining('was revoked could not be confirmed'),
  });
});
