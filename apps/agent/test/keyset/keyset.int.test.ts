import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { KeysetKey } from '@gatehouse/protocol/keyset';
import type { FakeHub } from '@gatehouse/protocol/testing/fake-hub';
import type { FakeHubConnection } from '@gatehouse/protocol/testing/fake-hub-connection';
import { makeKeyset, makeKeysetKey } from '@gatehouse/protocol/testing/make-keyset';
import { TestKey } from '@gatehouse/protocol/testing/test-key';

import { enrolAtFakeHub, startConnected } from '../support/agent/core.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';

const RETIRED = { validUntil: '2026-11-02T00:00:00.000Z' };

/** Sends a keyset of this version; resolves when the agent has said that it holds it. */
async function bringKeyset(hub: FakeHub, connection: FakeHubConnection, version: number, keys: KeysetKey[]): Promise<void> {
  const keyset = hub.root.sign('application/vnd.gatehouse.keyset+json', makeKeyset(hub.place.tenantId, version, keys));
  connection.send({ type: 'keyset', keyset });
  await connection.waitForFirst('keyset-status', (status) => status.keyset?.payload === keyset.payload);
}

/** Pushes the next version, signed with this key; resolves with what the agent says of it. */
async function pushNext(hub: FakeHub, connection: FakeHubConnection, version: number, signedBy: TestKey) {
  const nonce = hub.push(connection, hub.buildSnapshot({}, { version }), signedBy);
  return connection.waitForFirst('config-status', (status) => status.nonce === nonce);
}

test('a rotation while connected: what the new key signs is taken, what the old one signs afterwards is not, also after a restart', async () => {
  const { hub, path } = await enrolAtFakeHub();
  const [first, second] = [new TestKey(), new TestKey()];
  const { core, connection } = await startConnected(hub, path);
  expect(await connection.waitForFirst('keyset-status')).toEqual({ type: 'keyset-status', keyset: null });
  await bringKeyset(hub, connection, 1, [makeKeysetKey(hub.root), makeKeysetKey(first)]);
  expect(await pushNext(hub, connection, 1, hub.root)).toMatchObject({ status: 'applied', appliedVersion: 1 });
  await bringKeyset(hub, connection, 2, [makeKeysetKey(hub.root, RETIRED), makeKeysetKey(first, RETIRED), makeKeysetKey(second)]);
  const refused = { status: 'rejected', appliedVersion: 1, error: { code: 'unknown_key' } };
  expect(await pushNext(hub, connection, 2, first)).toMatchObject(refused);
  expect(await pushNext(hub, connection, 2, hub.root)).toMatchObject(refused);

  // it goes on serving what it has, also when it starts before anything is signed with the new key
  await core.close();
  const again = await startConnected(hub, path);
  expect(again.core.current.get()?.version).toBe(1);
  expect(await pushNext(hub, again.connection, 2, first)).toMatchObject({ error: { code: 'unknown_key' } });
  expect(await pushNext(hub, again.connection, 2, second)).toMatchObject({ status: 'applied', appliedVersion: 2 });
});

test('an old copy of the folder takes the retired key no more once the keyset has come', async () => {
  const { hub, path } = await enrolAtFakeHub();
  const [first, second] = [new TestKey(), new TestKey()];
  const before = await startConnected(hub, path);
  await bringKeyset(hub, before.connection, 1, [makeKeysetKey(first)]);
  await before.core.close();
  const copy = join(makeTempDir(), 'copy');
  cpSync(path, copy, { recursive: true });
  const after = await startConnected(hub, path);
  await bringKeyset(hub, after.connection, 2, [makeKeysetKey(first, RETIRED), makeKeysetKey(second)]);
  await after.core.close();

  // the connection number goes on, or the hub would take the copy for a second agent
  cpSync(join(path, 'epoch'), join(copy, 'epoch'));
  rmSync(path, { recursive: true });
  const restored = await startConnected(hub, copy);
  await restored.connection.waitForFirst('keyset-status', ({ keyset }) => keyset !== null);
  await bringKeyset(hub, restored.connection, 2, [makeKeysetKey(first, RETIRED), makeKeysetKey(second)]);
  expect(await pushNext(hub, restored.connection, 1, first)).toMatchObject({ error: { code: 'unknown_key' } });
  expect(await pushNext(hub, restored.connection, 1, second)).toMatchObject({ appliedVersion: 1 });
});

test('a hub that does not know keysets is told nothing of them, and what the root signs is taken', async () => {
  const { hub, path } = await enrolAtFakeHub({ features: ['parts', 'revocations'] });
  const { connection } = await startConnected(hub, path);
  expect(await pushNext(hub, connection, 1, hub.root)).toMatchObject({ status: 'applied', appliedVersion: 1 });
  expect(connection.messages.all.map(({ type }) => type)).not.toContain('keyset-status');
});

test('T-14: the highest version that a thief could sign ends with the key: a start after the rotation takes what comes next', async () => {
  const { hub, path } = await enrolAtFakeHub();
  const [stolen, next] = [new TestKey(), new TestKey()];
  const { core, connection } = await startConnected(hub, path);
  await bringKeyset(hub, connection, 1, [makeKeysetKey(stolen)]);
  const highest = Number.MAX_SAFE_INTEGER;
  expect(await pushNext(hub, connection, highest, stolen)).toMatchObject({ appliedVersion: highest });
  await bringKeyset(hub, connection, 2, [makeKeysetKey(stolen, RETIRED), makeKeysetKey(next)]);
  await core.close();

  const again = await startConnected(hub, path);
  // as of nothing, so that a hub sends what it has
  expect(await again.connection.waitForFirst('config-status')).toMatchObject({ appliedVersion: 0, status: 'applied' });
  expect(again.core.current.get()?.version).toBe(highest);
  expect(await pushNext(hub, again.connection, 7, next)).toMatchObject({ appliedVersion: 7 });
  expect(await pushNext(hub, again.connection, 6, next)).toMatchObject({ error: { code: 'rollback' } });
  await again.core.close();
  const last = await startConnected(hub, path);
  expect(last.core.current.get()?.version).toBe(7);
  expect(await pushNext(hub, last.connection, 6, next)).toMatchObject({ error: { code: 'rollback' } });
});
