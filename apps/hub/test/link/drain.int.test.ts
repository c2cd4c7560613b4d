import { afterAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { buildReceipts } from '@gatehouse/protocol/testing/build-receipts';
import { dialHub } from '@gatehouse/protocol/testing/fake-agent';

import { expectSoon, World } from '../support/world.ts';

const world = await World.open();
afterAll(() => world.close());

test('a hub that stops says so, finishes what it has read, acknowledges it, and closes with 1012', async () => {
  const hub = await world.startHub();
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(hub);
  const agent = await enrolled.connect(hub);
  const receipts = buildReceipts(50, { siteId: workspace.siteId });
  const { spoolId } = receipts[0]!;
  agent.send({ type: 'audit-batch', spoolId, receipts: receipts.slice(0, 1) });
  await agent.waitForFirst('audit-ack');

  const lock = await lockStreams(workspace.tenantId);
  agent.send({ type: 'audit-batch', spoolId, receipts });
  await lock.isWaitedFor();
  const stopped = hub.stop();
  await agent.waitForFirst('drain');
  expect(agent.isOpen).toBe(true);
  await lock.release();

  expect(await agent.waitForFirst('audit-ack', ({ throughSeq }) => throughSeq === 50)).toMatchObject({ spoolId });
  expect(await agent.closed).toBe(1012);
  await stopped;
  expect(await workspace.countReceipts()).toBe(50);
  expect((await workspace.readAgent(enrolled.agentId)).disconnectedAt).toBeInstanceOf(Date);
});

/** Keeps every batch of a tenant waiting in its transaction. */
async function lockStreams(tenantId: string) {
  const gate = Promise.withResolvers<void>();
  const locked = Promise.withResolvers<void>();
  const transaction = runInTenant(world.runtime.db, tenantId, async (tx) => {
    await tx.$queryRaw`select 1 from agent_stream where tenant_id = ${tenantId}::uuid for update`;
    locked.resolve();
    await gate.promise;
  });
  await locked.promise;
  const countWaiting = () => world.runtime.db.prisma.$queryRaw`
    select distinct pid from pg_locks join pg_stat_activity using (pid) where datname = current_database() and not granted`;
  return {
    isWaitedFor: () => expectSoon(countWaiting).toHaveLength(1),
    release: () => {
      gate.resolve();
      return transaction;
    },
  };
}

test('handshakes under way end with 1012 and no new connection is taken', async () => {
  const hub = await world.startHub();
  const waiting = await dialHub(hub.url);
  await waiting.waitForFirst('challenge');
  await hub.stop();
  expect(await waiting.closed).toBe(1012);
  await expect(dialHub(hub.url)).rejects.toThrow('ECONNREFUSED');
});

test('an agent goes on at another hub where it stood', async () => {
  const [first, second] = [await world.startHub(), await world.startHub()];
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(first);
  const agent = await enrolled.connect(first);
  const { version, contentHash } = await agent.waitForFirst('config-push');
  await first.stop();
  expect(await agent.waitForFirst('drain')).toMatchObject({ reconnectWithinMs: 502 });

  const again = await enrolled.connect(second, { applied: { version, contentHash } });
  const next = await workspace.publish();
  expect((await again.waitForFirst('config-push')).version).toBe(next);
  expect(await workspace.readAgent(enrolled.agentId)).toMatchObject({ quarantinedAt: null, connectionEpoch: 2n });
  await again.close();
});
