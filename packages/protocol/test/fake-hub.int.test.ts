import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { buildReceipts } from '../src/testing/build-receipts.ts';
import { connectFakeAgent, dialHub } from '../src/testing/fake-agent.ts';
import { startFakeHub, type FakeHub } from '../src/testing/fake-hub.ts';
import { TestKey } from '../src/testing/test-key.ts';
import { verifyEnvelope } from '../src/verify.ts';

let hub: FakeHub;

beforeEach(async () => {
  hub = await startFakeHub();
});
afterEach(() => hub.close());

function makeAgent() {
  const key = new TestKey();
  const { agentId } = hub.enrolment.addAgent(key.publicKey, 'agent-1');
  return { url: hub.url, agentId, key, epoch: 1 };
}

test('an agent is welcomed, gets what was published before and after, and its answers are seen', async () => {
  hub.publish();
  const agent = await connectFakeAgent(makeAgent());
  const connection = await hub.connections.waitForFirst();
  await connection.waitForFirst('config-status', ({ appliedVersion }) => appliedVersion === 1);

  const snapshot = hub.publish({ revokedKeyIds: [randomUUID()] });
  await connection.waitForFirst('config-status', ({ appliedVersion }) => appliedVersion === 2);
  const { envelope } = await agent.waitForFirst('config-push', ({ version }) => version === 2);
  const keys = new Map([[hub.root.keyId, hub.root.publicKey]]);
  expect(JSON.parse(verifyEnvelope(envelope, keys, 'application/vnd.gatehouse.snapshot+json').toString())).toEqual(snapshot);
  await agent.close();
});

test('T-03: a used epoch, another key and another address are refused', async () => {
  const identity = makeAgent();
  await (await connectFakeAgent(identity)).close();
  for (const [changed, code, closeCode] of [
    [{}, 'epoch_reused', 4423],
    [{ key: new TestKey(), epoch: 2 }, 'unauthenticated', 4401],
    [{ agentId: randomUUID(), epoch: 2 }, 'unauthenticated', 4401],
  ] as const) {
    const agent = await dialHub(hub.url);
    await agent.authenticate({ ...identity, ...changed });
    expect(await agent.waitForFirst('rejected')).toMatchObject({ of: 'authenticate', code });
    expect(await agent.closed).toBe(closeCode);
  }
});

test('receipts are taken once, in order, and kept across a restart of the hub', async () => {
  const identity = makeAgent();
  const agent = await connectFakeAgent(identity);
  const receipts = buildReceipts(3);
  const { spoolId } = receipts[0]!;
  agent.send({ type: 'audit-batch', spoolId, receipts: receipts.slice(0, 2) });
  expect(await agent.waitForFirst('audit-ack')).toMatchObject({ spoolId, throughSeq: 2, headHash: receipts[1]!.hash });
  agent.send({ type: 'audit-batch', spoolId, receipts });
  await agent.waitForFirst('audit-ack', ({ throughSeq }) => throughSeq === 3);
  expect(hub.listStoredReceipts()).toEqual(receipts);

  const ended = agent.closed;
  await hub.close();
  expect(await ended).toBe(1012);
  await hub.listen();
  const again = await connectFakeAgent({ ...identity, epoch: 2 });
  expect((await again.waitForFirst('welcome')).streams).toEqual([{ spoolId, lastSeq: 3, headHash: receipts[2]!.hash }]);
  again.send({ type: 'audit-batch', spoolId, receipts: [{ ...receipts[2]!, seq: 5 }] });
  expect(await again.waitForFirst('rejected')).toMatchObject({ of: 'audit-batch', code: 'sequence_gap' });
  await again.close();
});

test('every byte that an agent sends is kept', async () => {
  const agent = await connectFakeAgent(makeAgent());
  agent.sendHeartbeat({ endpointUrl: 'http://127.0.0.1:7311' });
  await agent.waitForFirst('heartbeat-ack');
  await fetch(`${hub.url.replace('ws:', 'http:')}/v1/enrol/root`, {
    method: 'POST',
    headers: { 'x-marker': 'in-a-header' },
    body: '{"marker":"in-a-body"}',
  });
  for (const text of ['http://127.0.0.1:7311', 'in-a-header', 'in-a-body', 'GET /v1/agent'])
    expect(hub.getWireText()).toContain(text);
  await agent.close();
});
