import { expect, test } from 'vitest';

import { dialHub } from '@gatehouse/protocol/testing/fake-agent';
import { verifyEnvelope } from '@gatehouse/protocol/verify';

import { expectSoon, openHub } from '../support/world.ts';

const { world, hub } = await openHub();

const ignoreAll = () => {};

test('an agent that enrolled gets the signed configuration of its site, and its answer is on record', async () => {
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(hub, { name: 'helsinki-01' });
  const agent = await enrolled.connect(hub);
  expect(await agent.waitForFirst('welcome')).toMatchObject({
    agentId: enrolled.agentId,
    agentName: 'helsinki-01',
    tenantSlug: workspace.tenantSlug,
    siteSlug: 'helsinki',
    streams: [],
  });

  const push = await agent.waitForFirst('config-push');
  const payload = verifyEnvelope(push.envelope, workspace.rootKeys, 'application/vnd.gatehouse.snapshot+json');
  expect(JSON.parse(payload.toString('utf8'))).toMatchObject({
    tenantId: workspace.tenantId,
    siteId: workspace.siteId,
    version: 1,
    contentHash: push.contentHash,
  });
  await expectSoon(async () => (await workspace.readAgent(enrolled.agentId)).ackedVersion).toBe(1n);

  const version = await workspace.publish();
  await agent.waitForFirst('config-push', (later) => later.version === version);
  await expectSoon(async () => (await workspace.readAgent(enrolled.agentId)).ackedVersion).toBe(BigInt(version));

  await agent.close();
  await expectSoon(async () => (await workspace.readAgent(enrolled.agentId)).disconnectedAt).toBeInstanceOf(Date);
});

test('an agent is spoken to in the protocol that it named, an older one as always', async () => {
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(hub);
  const older = await enrolled.connect(hub);
  expect(Object.keys(await older.waitForFirst('challenge'))).toEqual(['type', 'protocol', 'nonce', 'serverTime']);
  expect(await older.waitForFirst('challenge')).toMatchObject({ protocol: 1 });
  await older.close();

  const newer = await dialHub(hub.url, { protocol: 2 });
  expect(await newer.waitForFirst('challenge')).toMatchObject({ protocol: 2, features: expect.any(Array) });
  await newer.authenticate({ ...enrolled.getIdentity(hub), features: [] });
  await newer.waitForFirst('welcome');
  await newer.close();

  const liar = await dialHub(hub.url, { protocol: 2 });
  await liar.authenticate({ ...enrolled.getIdentity(hub), features: [] }, { protocol: 1 });
  expect(await liar.waitForFirst('rejected')).toMatchObject({ code: 'unsupported_protocol' });
});

test('an agent that has the newest version is not sent it again', async () => {
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(hub);
  const first = await enrolled.connect(hub);
  const { version, contentHash } = await first.waitForFirst('config-push');
  await first.close();

  const again = await enrolled.connect(hub, { applied: { version, contentHash } });
  const next = await workspace.publish();
  expect((await again.waitForFirst('config-push')).version).toBe(next);
  await again.close();
});

test('nothing is pushed to an agent that has not said what it serves', async () => {
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(hub);
  const agent = await dialHub(hub.url);
  await agent.authenticate(enrolled.getIdentity(hub));
  await agent.waitForFirst('welcome');
  await workspace.publish();
  agent.sendHeartbeat();
  await agent.waitForFirst('heartbeat-ack');
  expect(agent.messages.all.map(({ type }) => type)).toEqual(['challenge', 'welcome', 'heartbeat-ack']);
  agent.reportConfig(null);
  expect((await agent.waitForFirst('config-push')).version).toBe(2);
  await agent.close();
});

test('one push at a time; what was published meanwhile is skipped but for the newest', async () => {
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(hub);
  const agent = await enrolled.connect(hub, { onPush: ignoreAll });
  const first = await agent.waitForFirst('config-push');
  for (let round = 0; round < 5; round += 1) await workspace.publish();
  agent.sendHeartbeat();
  await agent.waitForFirst('heartbeat-ack');
  expect(agent.messages.all.filter(({ type }) => type === 'config-push')).toEqual([first]);

  agent.apply(first);
  expect((await agent.waitForFirst('config-push', ({ version }) => version > first.version)).version).toBe(6);
  await agent.close();
});

test('an unanswered push is made again', async () => {
  const impatient = await world.startHub({ pushAnswerMs: 100, reconcileMs: 100 });
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(impatient);
  const agent = await enrolled.connect(impatient, { onPush: ignoreAll });
  const first = await agent.waitForFirst('config-push');
  const second = await agent.waitForFirst('config-push', ({ nonce }) => nonce !== first.nonce);
  expect(second.version).toBe(first.version);
  await agent.close();
  await impatient.stop();
});

test('a refused version is on record with the words of the agent, and not sent again until there is a newer one', async () => {
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(hub);
  const agent = await enrolled.connect(hub, { onPush: (push) => agent.refuse(push) });
  await expectSoon(async () => (await workspace.readAgent(enrolled.agentId)).rejectedCode).toBe('guardrail');
  const row = await workspace.readAgent(enrolled.agentId);
  expect(row).toMatchObject({ rejectedVersion: 1n, rejectedReason: 'Refused by the fake agent', ackedVersion: 0n });

  agent.reportConfig(null);
  const version = await workspace.publish();
  await agent.waitForFirst('config-push', (push) => push.version === version);
  const pushed = agent.messages.all.flatMap((message) => (message.type === 'config-push' ? [message.version] : []));
  expect(pushed).toEqual([1, version]);
  await agent.close();
});

test('a heartbeat is answered and what it says is on record', async () => {
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(hub);
  const agent = await enrolled.connect(hub);
  agent.sendHeartbeat({ bufferedReceipts: 7, openSessions: 2, stdioEntries: ['files'] });
  await agent.waitForFirst('heartbeat-ack');
  expect(await workspace.readAgent(enrolled.agentId)).toMatchObject({
    bufferedReceipts: 7,
    openSessions: 2,
    stdioEntries: ['files'],
    endpointUrl: 'http://127.0.0.1:7300',
    disconnectedAt: null,
  });
  await agent.close();
});

test('an agent that says nothing for 2.5 heartbeats is taken for dead', async () => {
  const strict = await world.startHub({ silentHeartbeats: 0.02 });
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(hub);
  const agent = await enrolled.connect(strict);
  expect(await agent.closed).toBe(1006);
  await expectSoon(async () => (await workspace.readAgent(enrolled.agentId)).disconnectedAt).toBeInstanceOf(Date);
  await strict.stop();
});
