import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { getTestRedisUrl } from '@gatehouse/db/testing';
import { revokeAgent } from '@gatehouse/services/agent/revoke-agent';

import { expectSoon, World, type RunningHub } from './support/world.ts';

const redisUrl = getTestRedisUrl();
const backends = [
  { name: 'Postgres', url: undefined, missing: false },
  { name: 'Redis', url: redisUrl ?? undefined, missing: redisUrl === null },
];

// The timer that makes up for a lost signal is off, so what is seen here came by a signal.
const BY_SIGNAL_ONLY = { reconcileMs: 3_600_000, probeMs: 500 };

describe.each(backends)('two hubs with signals over $name', ({ url, missing }) => {
  let world: World;
  let west: RunningHub;
  let east: RunningHub;

  beforeAll(async () => {
    if (missing) return;
    world = await World.open(url);
    [west, east] = await Promise.all([world.startHub(BY_SIGNAL_ONLY), world.startHub(BY_SIGNAL_ONLY)]);
  });
  afterAll(() => world?.close());

  test.skipIf(missing)('what is published reaches the agents of a site at both', async () => {
    const workspace = await world.makeWorkspace();
    const [atWest, atEast] = [await workspace.enrol(west), await workspace.enrol(west)];
    const agents = [await atWest.connect(west), await atEast.connect(east)];
    await Promise.all(agents.map((agent) => agent.waitForFirst('config-push')));
    const version = await workspace.publish();
    await Promise.all(agents.map((agent) => agent.waitForFirst('config-push', (push) => push.version === version)));
    for (const { agentId } of [atWest, atEast]) {
      await expectSoon(async () => (await workspace.readAgent(agentId)).ackedVersion).toBe(BigInt(version));
    }
    await Promise.all(agents.map((agent) => agent.close()));
  });

  test.skipIf(missing)('T-05: a revoked agent is disconnected wherever it is', async () => {
    const workspace = await world.makeWorkspace();
    const enrolled = await workspace.enrol(west);
    const agent = await enrolled.connect(east);
    await agent.waitForFirst('config-push');
    await revokeAgent({ ctx: await workspace.as('admin'), input: { agentId: enrolled.agentId } });
    expect(await agent.waitForFirst('rejected')).toMatchObject({ code: 'revoked' });
    expect(await agent.closed).toBe(4403);
  });

  test.skipIf(missing)('T-03: a newer connection at one hub replaces the older at the other', async () => {
    const workspace = await world.makeWorkspace();
    const enrolled = await workspace.enrol(west);
    const older = await enrolled.connect(west);
    await older.waitForFirst('config-push');
    older.freeze();
    const newer = await enrolled.connect(east);
    await expectSoon(() => west.links.listForTenant(workspace.tenantId)).toEqual([]);
    newer.sendHeartbeat();
    await newer.waitForFirst('heartbeat-ack');
    expect(await workspace.readAgent(enrolled.agentId)).toMatchObject({ quarantinedAt: null, disconnectedAt: null });
    await newer.close();
    await older.cut();
  });

  test.skipIf(missing)('T-03: a copied key is found out when both copies are alive, one at each hub', async () => {
    const workspace = await world.makeWorkspace();
    const enrolled = await workspace.enrol(west);
    const [older, newer] = [await enrolled.connect(west), await enrolled.connect(east)];
    expect(await Promise.all([older.closed, newer.closed])).toEqual([4423, 4423]);
  });
});
