import { expect, test } from 'vitest';

import { revokeAgent } from '@gatehouse/services/agent/revoke-agent';

import { expectSoon, openHub } from '../support/world.ts';

// No signal reaches this hub: its timer and what it sees itself are all it has.
const { world, hub: deaf } = await openHub({ reconcileMs: 200, probeMs: 200 });
await deaf.runtime.signals.close();

test('what was published is pushed all the same', async () => {
  const workspace = await world.makeWorkspace();
  const agent = await (await workspace.enrol(deaf)).connect(deaf);
  await agent.waitForFirst('config-push');
  const version = await workspace.publish();
  expect((await agent.waitForFirst('config-push', (push) => push.version === version)).version).toBe(version);
  await agent.close();
});

test('T-05: a revoked agent is disconnected all the same', async () => {
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(deaf);
  const agent = await enrolled.connect(deaf);
  await agent.waitForFirst('config-push');
  await revokeAgent({ ctx: await workspace.as('admin'), input: { agentId: enrolled.agentId } });
  expect(await agent.closed).toBe(4403);
});

test('T-03: a newer connection replaces the older one at the same hub at once, without a timer or a signal', async () => {
  const patient = await world.startHub({ reconcileMs: 3_600_000, probeMs: 200 });
  await patient.runtime.signals.close();
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(patient);
  const older = await enrolled.connect(patient);
  await older.waitForFirst('config-push');
  older.freeze();
  const newer = await enrolled.connect(patient);
  await expectSoon(() => patient.links.listForTenant(workspace.tenantId).map(({ epoch }) => epoch)).toEqual([2]);
  await newer.close();
  await older.cut();
});
