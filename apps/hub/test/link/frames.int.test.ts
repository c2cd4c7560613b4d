import { connect } from 'node:net';

import { expect, test } from 'vitest';

import { encode } from '@gatehouse/protocol/codec';
import { MAX_AGENT_FRAME_BYTES } from '@gatehouse/protocol/messages';
import { dialHub, type FakeAgent } from '@gatehouse/protocol/testing/fake-agent';

import { expectSoon, openHub } from '../support/world.ts';

const { world, hub } = await openHub({ burst: 50, tokensPerSecond: 10 });
const workspace = await world.makeWorkspace();
const bystander = await connectAgent();

async function connectAgent(): Promise<FakeAgent> {
  return (await workspace.enrol(hub)).connect(hub);
}

/** Another agent is served as before. */
async function expectOthersToGoOn(): Promise<void> {
  const answered = bystander.waitForNext('heartbeat-ack');
  bystander.sendHeartbeat();
  await answered;
}

test('T-07: a frame over the limit ends its connection and no other', async () => {
  const agent = await connectAgent();
  agent.sendText('x'.repeat(MAX_AGENT_FRAME_BYTES + 1));
  expect(await agent.closed).toBe(1009);
  await expectOthersToGoOn();
});

test('T-07: malformed messages are answered, and after five the connection ends', async () => {
  const agent = await connectAgent();
  const frames = ['{', '"text"', JSON.stringify({ type: 'heartbeat' }), '['.repeat(100_000), JSON.stringify({ type: 'welcome' })];
  frames.forEach((frame) => agent.sendText(frame));
  expect(await agent.closed).toBe(1008);
  const answers = agent.messages.all.filter((message) => message.type === 'rejected');
  expect(answers.map(({ of, code }) => [of, code])).toEqual([
    [null, 'malformed'],
    [null, 'malformed'],
    ['heartbeat', 'malformed'],
    [null, 'malformed'],
    ['welcome', 'malformed'],
  ]);
  await expectOthersToGoOn();
});

test('T-07: a message of unknown form does not keep the next good one from being handled', async () => {
  const agent = await connectAgent();
  agent.sendText('nonsense');
  agent.sendBinary(Buffer.from([1, 2, 3]));
  agent.sendHeartbeat();
  await agent.waitForFirst('heartbeat-ack');
  await agent.close();
});

test('T-07: a flood ends its connection with a reason, and other agents go on', async () => {
  const agent = await connectAgent();
  const beat = encode({
    type: 'heartbeat',
    clock: new Date().toISOString(),
    bufferedReceipts: 0,
    openSessions: 0,
    endpointUrl: 'http://127.0.0.1:7300',
    stdioEntries: [],
    servers: [],
  });
  for (let sent = 0; sent < 5_000; sent += 1) agent.sendText(beat);
  await expectOthersToGoOn();
  expect(await agent.closed).toBe(4429);
  expect(await agent.waitForFirst('rejected')).toMatchObject({ code: 'rate_limited' });
});

test('T-07: pings are messages too: a flood of them, whose answers nobody takes, ends its connection', async () => {
  const agent = await connectAgent();
  for (let sent = 0; sent < 5_000; sent += 1) agent.sendPing();
  expect(await agent.closed).toBe(4429);
  await expectOthersToGoOn();
});

test('T-07: large messages cost more than small ones', async () => {
  const agent = await connectAgent();
  const large = JSON.stringify({ type: 'heartbeat', padding: 'x'.repeat(3 * 1024 * 1024) });
  agent.sendText(large);
  agent.sendText(large);
  expect(await agent.closed).toBe(4429);
  await expectOthersToGoOn();
});

test('T-07: who does not answer the challenge in time is closed', async () => {
  const strict = await world.startHub({ handshakeMs: 200 });
  const agent = await dialHub(strict.url);
  await agent.waitForFirst('challenge');
  expect(await agent.closed).toBe(1008);
  await strict.stop();
});

test('T-07: who has not proved anything cannot send a large frame', async () => {
  const agent = await dialHub(hub.url);
  await agent.waitForFirst('challenge');
  agent.sendText('x'.repeat(1024 * 1024));
  expect(await agent.closed).toBe(1006);
});

test('T-07: any other message than the answer to the challenge ends the handshake with a reason', async () => {
  const early = await dialHub(hub.url);
  early.sendHeartbeat();
  expect(await early.waitForFirst('rejected')).toMatchObject({ of: 'heartbeat', code: 'unexpected' });
  expect(await early.closed).toBe(1008);

  const garbage = await dialHub(hub.url);
  garbage.sendText('{"type":');
  expect(await garbage.waitForFirst('rejected')).toMatchObject({ of: null, code: 'malformed' });
  expect(await garbage.closed).toBe(1008);
});

test('T-07: a second authentication is answered as unexpected', async () => {
  const enrolled = await workspace.enrol(hub);
  const agent = await enrolled.connect(hub);
  await agent.authenticate(enrolled.getIdentity(hub));
  expect(await agent.waitForFirst('rejected')).toMatchObject({ of: 'authenticate', code: 'unexpected' });
  agent.sendHeartbeat();
  await agent.waitForFirst('heartbeat-ack');
  await agent.close();
});

test('T-07: other paths and overload are refused before a websocket is opened', async () => {
  await expect(dialHub(hub.url, { path: '/v1/other' })).rejects.toThrow('404');
  const full = await world.startHub({ maxHandshakes: 1 });
  const waiting = await dialHub(full.url);
  await expect(dialHub(full.url)).rejects.toThrow('503');
  await waiting.close();
  await expectSoon(async () => (await dialHub(full.url)).close()).toBe(1000);
  await full.stop();
});

test('T-07: an upgrade that is never completed holds nothing up', async () => {
  const slow = connect(hub.port, '127.0.0.1');
  slow.on('error', () => slow.destroy());
  slow.write('GET /v1/agent HTTP/1.1\r\nHost: hub\r\nUpgrade: webso');
  await expectOthersToGoOn();
  await (await connectAgent()).close();
  slow.destroy();
});
