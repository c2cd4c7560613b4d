import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { refuseConnection } from '@gatehouse/protocol/testing/fake-handshake';

import { openStateDir } from '../../src/state/state-dir.ts';
import { enrolAtFakeHub, startCore } from '../support/agent/core.ts';
import { makeDiskError, FailingDisk } from '../support/disk/failing-disk.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';

test('T-03: every connection uses a higher epoch', async () => {
  const { hub, path } = await enrolAtFakeHub();
  await startCore(path);
  for (let n = 0; n < 4; n++) await (await hub.connections.waitForCount(n + 1))[n]?.cut();
  const epochs = (await hub.connections.waitForCount(5)).map((connection) => connection.agent?.epoch ?? 0);
  expect(epochs).toEqual([1, 2, 3, 4, 5]);
});

test('T-03: a cloned state directory is found out at its first connection, stops serving and stays stopped', async () => {
  const { hub, path } = await enrolAtFakeHub();
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
  const { hub, path } = await enrolAtFakeHub();
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
  const { hub, path } = await enrolAtFakeHub();
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
  const { hub, path } = await enrolAtFakeHub();
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
