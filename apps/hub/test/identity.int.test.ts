import { randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import { GENESIS_HASH } from '@gatehouse/protocol/receipt';
import { buildReceipts } from '@gatehouse/protocol/testing/build-receipts';
import { dialHub, type FakeAgent } from '@gatehouse/protocol/testing/fake-agent';
import { TestKey } from '@gatehouse/protocol/testing/test-key';
import { revokeAgent } from '@gatehouse/services/agent/revoke-agent';

import { type EnrolledAgent, expectSoon, openHub } from './support/world.ts';

const { world, hub } = await openHub({ probeMs: 500 });

async function readRefusal(enrolled: EnrolledAgent, overrides: Parameters<FakeAgent['authenticate']>[1] = {}) {
  const agent = await dialHub(hub.url);
  await agent.authenticate(enrolled.getIdentity(hub), overrides);
  const { code } = await agent.waitForFirst('rejected');
  return [code, await agent.closed];
}

test('T-03: a connection is refused unless key, id, number and protocol are all right', async () => {
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(hub);
  const neighbour = await workspace.enrol(hub);
  const { url } = neighbour.getIdentity(hub);

  expect(await readRefusal(enrolled, { agentId: neighbour.agentId })).toEqual(['unauthenticated', 4401]);
  expect(await readRefusal(enrolled, { agentId: randomUUID() })).toEqual(['unauthenticated', 4401]);
  expect(await readRefusal(enrolled, { epoch: 1_000 })).toEqual(['unauthenticated', 4401]);
  expect(await readRefusal(enrolled, { protocol: 2 })).toEqual(['unsupported_protocol', 1008]);
  const wrongKey = await dialHub(url);
  await wrongKey.authenticate({ ...enrolled.getIdentity(hub), key: new TestKey() });
  expect(await wrongKey.waitForFirst('rejected')).toMatchObject({ code: 'unauthenticated' });

  expect((await workspace.readAgent(enrolled.agentId)).connectionEpoch).toBe(0n);
  await (await enrolled.connect(hub)).close();
});

test('T-03: a proof that was made for another address is refused', async () => {
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(hub);
  const agent = await dialHub(hub.url.replace('127.0.0.1', 'localhost'));
  await agent.authenticate(enrolled.getIdentity(hub));
  expect(await agent.waitForFirst('rejected')).toMatchObject({
    code: 'unauthenticated',
    message: expect.stringContaining('another address'),
  });
  expect(await agent.closed).toBe(4401);
});

test('T-03: an answer that was captured does not work on another connection', async () => {
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(hub);
  const first = await dialHub(hub.url);
  const signedFor = (await first.waitForFirst('challenge')).nonce;
  const second = await dialHub(hub.url);
  expect((await second.waitForFirst('challenge')).nonce).not.toBe(signedFor);
  const identity = enrolled.getIdentity(hub);
  const signature = first.sign(identity, signedFor);
  await second.authenticate(identity, { signature });
  expect(await second.waitForFirst('rejected')).toMatchObject({ code: 'unauthenticated' });
  await first.close();
});

test('T-03: a connection number that comes again puts the agent into quarantine, also the connection that runs', async () => {
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(hub);
  const running = await enrolled.connect(hub);
  const copy = await dialHub(hub.url);
  await copy.authenticate({ ...enrolled.getIdentity(hub), epoch: 1 });
  expect(await copy.waitForFirst('rejected')).toMatchObject({ code: 'epoch_reused' });
  expect(await copy.closed).toBe(4423);
  expect(await running.waitForFirst('rejected')).toMatchObject({ code: 'quarantined' });
  expect(await running.closed).toBe(4423);
  expect((await workspace.readAgent(enrolled.agentId)).quarantinedAt).toBeInstanceOf(Date);
  expect(await readRefusal(enrolled)).toEqual(['quarantined', 4423]);
});

test('T-03: a newer connection replaces one whose process is gone, which then counts for nothing', async () => {
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(hub);
  const older = await enrolled.connect(hub);
  await older.waitForFirst('config-push');
  older.freeze();
  const newer = await enrolled.connect(hub);
  newer.sendHeartbeat({ openSessions: 3 });
  await newer.waitForFirst('heartbeat-ack');
  await expectSoon(() => hub.links.listForTenant(workspace.tenantId).map(({ epoch }) => epoch)).toEqual([2]);
  const row = await workspace.readAgent(enrolled.agentId);
  expect(row).toMatchObject({ openSessions: 3, quarantinedAt: null, disconnectedAt: null, connectionEpoch: 2n });
  await newer.close();
  await older.cut();
});

test('T-03: when the replaced connection still answers, the key was copied and both are shut out', async () => {
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(hub);
  const [older, newer] = [await enrolled.connect(hub), await enrolled.connect(hub)];
  expect(await Promise.all([older.closed, newer.closed])).toEqual([4423, 4423]);
  expect((await workspace.readAgent(enrolled.agentId)).quarantinedAt).toBeInstanceOf(Date);
});

test('T-05: a revoked agent is disconnected at once and not let in again', async () => {
  const workspace = await world.makeWorkspace();
  const [enrolled, neighbour] = [await workspace.enrol(hub), await workspace.enrol(hub)];
  const [agent, other] = [await enrolled.connect(hub), await neighbour.connect(hub)];
  await revokeAgent({ ctx: await workspace.as('admin'), input: { agentId: enrolled.agentId } });
  expect(await agent.waitForFirst('rejected')).toMatchObject({ code: 'revoked' });
  expect(await agent.closed).toBe(4403);
  expect(await readRefusal(enrolled)).toEqual(['revoked', 4403]);
  other.sendHeartbeat();
  await other.waitForFirst('heartbeat-ack');
  await other.close();
});

test('T-06: ids of others in any message have no effect and are answered', async () => {
  const [workspace, victim] = [await world.makeWorkspace(), await world.makeWorkspace()];
  const otherSite = await workspace.addSite('tampere');
  const [enrolled, theirs] = [await workspace.enrol(hub), await victim.enrol(hub)];
  const [agent, bystander] = [await enrolled.connect(hub), await theirs.connect(hub)];
  await bystander.waitForFirst('config-push');
  await expectSoon(async () => (await victim.readAgent(theirs.agentId)).ackedVersion).toBe(1n);
  const before = await victim.readAgent(theirs.agentId);

  const forSite = (siteId: string) => buildReceipts(2, { siteId });
  for (const receipts of [forSite(victim.siteId), forSite(otherSite), forSite(randomUUID())]) {
    const answered = agent.waitForNext('rejected');
    agent.send({ type: 'audit-batch', spoolId: receipts[0]!.spoolId, receipts });
    expect(await answered).toMatchObject({ of: 'audit-batch', code: 'foreign_id' });
  }
  const own = forSite(workspace.siteId);
  const mixed = agent.waitForNext('rejected');
  agent.send({ type: 'audit-batch', spoolId: randomUUID(), receipts: own });
  expect(await mixed).toMatchObject({ of: 'audit-batch', code: 'foreign_id' });

  const status = { type: 'config-status', nonce: null, status: 'applied', rejectedVersion: null, error: null } as const;
  const claimed = agent.waitForNext('rejected');
  agent.send({ ...status, appliedVersion: 41, appliedHash: GENESIS_HASH });
  expect(await claimed).toMatchObject({ of: 'config-status', code: 'foreign_id' });

  const unknown = agent.waitForNext('rejected');
  agent.send({
    type: 'discovery-progress',
    discoveryId: randomUUID(),
    stage: 'list',
    status: 'passed',
    at: new Date().toISOString(),
  });
  expect(await unknown).toMatchObject({ of: 'discovery-progress', code: 'foreign_id' });

  const serverId = randomUUID();
  agent.sendHeartbeat({ servers: [{ serverId, state: 'connected', error: null, at: null }] });
  await agent.waitForFirst('heartbeat-ack');
  expect((await workspace.readAgent(enrolled.agentId)).serverHealth).toEqual([]);

  for (const key of ['tenantId', 'agentId', 'siteId']) {
    const malformed = agent.waitForNext('rejected');
    agent.sendText(JSON.stringify({ ...status, appliedVersion: 0, appliedHash: null, [key]: victim.tenantId }));
    expect(await malformed).toMatchObject({ of: 'config-status', code: 'malformed' });
  }
  expect(await victim.readAgent(theirs.agentId)).toEqual(before);
  expect([await workspace.countReceipts(), await victim.countReceipts()]).toEqual([0, 0]);
  await agent.close();
  await bystander.close();
});
