import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { computeLogRoot } from '@gatehouse/policy/documents/revocation';
import { findFreePort } from '@gatehouse/process/testing/free-port';
import type { HubMessage } from '@gatehouse/protocol/messages';
import type { FakeAgent } from '@gatehouse/protocol/testing/fake-agent';
import { getAgent } from '@gatehouse/services/agent/get-agent';
import { createJoinToken } from '@gatehouse/services/join-token/create-join-token';
import { keepKeyset } from '@gatehouse/services/keyset/keep-keyset';
import { rotateSigningKey } from '@gatehouse/services/keyset/rotate-signing-key';
import { refreshSnapshots } from '@gatehouse/services/snapshot/refresh-snapshots';

import { expectSoon, openHub, type Workspace } from '../support/world.ts';

/** Starts of a whole agent process lie in between. */
const STARTS_MS = 60_000;
const AGENT = join(import.meta.dirname, '../../../agent/src/cli.ts');

const { world, hub } = await openHub();

/** A workspace whose worker has signed the first keyset. */
async function makeKept(): Promise<Workspace> {
  const workspace = await world.makeWorkspace();
  await keepKeyset({ ctx: workspace.makeContext({ kind: 'system', job: 'keep-keyset' }) });
  return workspace;
}

/** An owner's rotation, then the worker's pass. */
async function rotate(workspace: Workspace): Promise<string> {
  const { keyId } = await rotateSigningKey({ ctx: await workspace.as('owner') });
  await refreshSnapshots({ ctx: workspace.makeContext({ kind: 'system', job: 'refresh-snapshots' }) });
  return keyId;
}

/** The agent as it ships, on a folder of its own that is enrolled at the hub. */
async function makeRealAgent(workspace: Workspace, name: string) {
  const ctx = await workspace.as('owner');
  const settings = { ...ctx.runtime.settings, hubPublicUrl: hub.url };
  const input = { siteId: workspace.siteId, agentName: name };
  const { token } = await createJoinToken({ ctx: { ...ctx, runtime: { ...ctx.runtime, settings } }, input });
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-keyset-'));
  const environment = {
    PATH: process.env.PATH ?? '',
    GATEHOUSE_DATA_DIR: join(folder, 'state'),
    GATEHOUSE_LISTEN: `127.0.0.1:${await findFreePort()}`,
  };
  const children: ChildProcess[] = [];
  onTestFinished(() => {
    children.forEach((child) => child.kill('SIGKILL'));
    rmSync(folder, { recursive: true, force: true });
  });
  const start = (...args: string[]) => {
    const child = spawn(process.execPath, [AGENT, ...args], { env: environment, stdio: 'ignore' });
    children.push(child);
    return async () => {
      child.kill('SIGTERM');
      await once(child, 'close');
    };
  };
  const find = () =>
    runInTenant(world.runtime.db, workspace.tenantId, (tx) =>
      tx.agent.findFirst({ where: { tenantId: workspace.tenantId, name }, include: { site: true } }),
    );
  const readState = async () => {
    const agent = await find();
    return {
      keyset: agent?.keysetVersion,
      isNewest: agent ? agent.ackedVersion === agent.site.snapshotVersion : false,
      rejected: agent?.rejectedCode,
    };
  };
  /** Waits until it holds this keyset and serves the newest configuration. */
  const waitUntilFollowing = (keyset: number) =>
    expect.poll(readState, { timeout: STARTS_MS }).toEqual({ keyset, isNewest: true, rejected: null });
  return { enrol: () => start('up', '--enroll', token), start: () => start('run'), readState, waitUntilFollowing };
}

test('an agent follows a rotation while it is connected, and one that was away when it comes back; neither is enrolled anew', async () => {
  const workspace = await makeKept();
  const [connected, away] = [await makeRealAgent(workspace, 'connected'), await makeRealAgent(workspace, 'away')];
  const stopConnected = connected.enrol();
  const stopAway = away.enrol();
  await connected.waitUntilFollowing(1);
  await away.waitUntilFollowing(1);
  await stopAway();

  await rotate(workspace);
  await connected.waitUntilFollowing(2);
  expect(await away.readState()).toMatchObject({ keyset: 1, isNewest: false });
  const stopAgain = away.start();
  await away.waitUntilFollowing(2);
  await stopAgain();
  await stopConnected();

  // a restart takes the keyset from the folder
  const stopLast = connected.start();
  await rotate(workspace);
  await connected.waitUntilFollowing(3);
  await stopLast();
}, 240_000);

const FEATURES = { features: ['keyset', 'revocations', 'parts'] } as const;
const listTypes = ({ messages }: FakeAgent): HubMessage['type'][] => messages.all.map(({ type }) => type);

test('the keyset comes before anything that its new key has signed, and nothing comes before the agent has said which it holds', async () => {
  const workspace = await makeKept();
  const enrolled = await workspace.enrol(hub);
  const first = await enrolled.connect(hub, {}, FEATURES);
  first.send({ type: 'revocations-status', count: 0, root: computeLogRoot([]) });
  first.send({ type: 'keyset-status', keyset: null });
  const { keyset } = await first.waitForFirst('keyset');
  first.send({ type: 'keyset-status', keyset });
  await expectSoon(async () => (await workspace.readAgent(enrolled.agentId)).keysetVersion).toBe(1);
  await first.close();
  const keyId = await rotate(workspace);

  const agent = await enrolled.connect(hub, {}, FEATURES);
  agent.send({ type: 'revocations-status', count: 0, root: computeLogRoot([]) });
  expect(listTypes(agent)).not.toContain('manifest-push');
  agent.send({ type: 'keyset-status', keyset });
  const { manifest } = await agent.waitForFirst('manifest-push');
  expect(manifest.keyId).toBe(keyId);
  const order = listTypes(agent).filter((type) => ['keyset', 'revocations', 'manifest-push'].includes(type));
  expect(order.slice(0, 3)).toEqual(['keyset', 'revocations', 'manifest-push']);
  await agent.close();
});

test('an agent that cannot follow is served as before, and holds a rotation up until it is updated or revoked', async () => {
  const workspace = await makeKept();
  const enrolled = await workspace.enrol(hub, { name: 'older-01' });
  const older = await enrolled.connect(hub);
  await expectSoon(async () => (await workspace.readAgent(enrolled.agentId)).ackedVersion).toBe(1n);
  expect(listTypes(older)).not.toContain('keyset');
  await expect(rotate(workspace)).rejects.toThrow('older-01');
  const version = BigInt(await workspace.publish());
  await expectSoon(async () => (await workspace.readAgent(enrolled.agentId)).ackedVersion).toBe(version);
  await older.close();
  const updated = await enrolled.connect(hub, {}, FEATURES);
  await rotate(workspace);
  await updated.close();
});

test('after a rotation an agent that cannot follow is neither enrolled nor let in, and the console says why', async () => {
  const workspace = await makeKept();
  const waiting = await workspace.enrol(hub, { name: 'never-started' });
  await rotate(workspace);

  await expect(workspace.enrol(hub, { name: 'too-old', features: [] })).rejects.toThrow(/426.*version_too_old.*0\.2 or later/s);
  const ctx = await workspace.as('owner');
  const readToken = () =>
    runInTenant(ctx.runtime.db, ctx.tenantId, (tx) => tx.joinToken.findFirst({ where: { agentName: 'too-old' } }));
  expect(await readToken()).toMatchObject({ failureCode: 'version_too_old', usedAt: null });
  await workspace.enrol(hub, { name: 'new-enough' });

  const look = () => getAgent({ ctx, input: { agentId: waiting.agentId } });
  for (const than of [{}, { features: ['parts', 'revocations'] }] as const) {
    await expect(waiting.connect(hub, {}, than)).rejects.toThrow();
    expect(await look()).toMatchObject({ status: 'Never connected', leftBehindAt: expect.any(Date) });
  }
  const updated = await waiting.connect(hub, {}, FEATURES);
  expect(await look()).toMatchObject({ status: 'Connected', leftBehindAt: null });
  await updated.close();
});
