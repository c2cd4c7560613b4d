import { once } from 'node:events';

import { expect, test } from 'vitest';

import { makeServer } from '@gatehouse/policy/testing/build';

import { enrolAtFakeHub, SERVING, startCore } from '../support/agent/core.ts';

test('a discovery runs once beside the other messages; asked again, its result is told again', async () => {
  const { hub, path } = await enrolAtFakeHub();
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
  const { hub, path } = await enrolAtFakeHub();
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
