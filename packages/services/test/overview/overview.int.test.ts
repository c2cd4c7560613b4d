import { afterAll, expect, test } from 'vitest';

import { makeAgent } from '@gatehouse/db/testing';
import { defineTool } from '@gatehouse/policy/testing/build';

import { getOverview } from '../../src/overview/get-overview.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { ingestReceipts } from '../../src/receipt/ingest-receipts.ts';
import { addApprovedServer, discover, createDraftedProfile, makeDomain } from '../support/domain.ts';
import { Spool } from '../support/receipts.ts';
import { makeWorkspace, openWorld, expectRefused } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());

test('the first run is told by facts: the last step only by the receipt of an allowed call', async () => {
  const workspace = await makeWorkspace(world.runtime);
  const owner = await workspace.as('owner');
  const steps = async () => {
    const { firstRun } = await getOverview({ ctx: owner });
    return Object.entries(firstRun).flatMap(([step, fact]) => (fact ? [step] : []));
  };
  await makeAgent(world.runtime.db, workspace.tenant.id, { siteId: workspace.site.id });
  expect(await steps()).toEqual(['workspace']);
  const domain = await makeDomain(workspace);
  expect(await steps()).toEqual(['workspace', 'agent']);
  const server = await addApprovedServer(domain, [defineTool('get_order')]);
  expect(await steps()).toEqual(['workspace', 'agent', 'server']);
  const profile = await createDraftedProfile(domain, [{ serverId: server.id, name: 'get_order' }]);
  await publishProfile({ ctx: domain.admin, input: { profileId: profile.id } });
  expect(await steps()).toEqual(['workspace', 'agent', 'server', 'profile']);
  const spool = new Spool(workspace.site.id);
  const deliver = (overrides: Parameters<Spool['makeNext']>[0]) =>
    ingestReceipts({ ctx: domain.agentCtx, input: { spoolId: spool.spoolId, receipts: [spool.makeNext(overrides)] } });
  await deliver({ outcome: 'denied', reasonCode: 'tool_denied' });
  expect(await steps()).toEqual(['workspace', 'agent', 'server', 'profile']);
  await deliver({});
  const { firstRun } = await getOverview({ ctx: owner });
  expect(firstRun.call).toMatchObject({ name: 'get_order' });
  expect(firstRun.agent).toMatchObject({ name: domain.agent.name });
});

test('it counts what needs somebody and shows the last calls, newest first', async () => {
  const workspace = await makeWorkspace(world.runtime);
  const domain = await makeDomain(workspace);
  const server = await addApprovedServer(domain, [defineTool('a')]);
  await discover(domain, server.id, [defineTool('a'), defineTool('b')]);
  const { db } = world.runtime;
  await makeAgent(db, workspace.tenant.id, { siteId: workspace.site.id, lastSeenAt: new Date(0) });
  await makeAgent(db, workspace.tenant.id, { siteId: workspace.site.id, revokedAt: new Date() });
  const spool = new Spool(workspace.site.id);
  const receipts = spool.makeBatch(12);
  await ingestReceipts({ ctx: domain.agentCtx, input: { spoolId: spool.spoolId, receipts } });
  const { counts, lastCalls, workspace: shown } = await getOverview({ ctx: domain.admin });
  expect(shown).toEqual({ slug: workspace.tenant.slug, name: workspace.tenant.name });
  expect(counts).toEqual({ reviewsOpen: 1, agents: 2, servers: 1, profiles: 0 });
  expect(lastCalls.map(({ id }) => id)).toEqual(
    receipts
      .map(({ id }) => id)
      .toReversed()
      .slice(0, 8),
  );
  const builder = await getOverview({ ctx: await workspace.as('builder') });
  expect(builder).toMatchObject({ lastCalls: [], seesAllCalls: false });
});

test('T-35 and roles: nothing of another tenant, and members go to their own page', async () => {
  const busy = await makeDomain(await makeWorkspace(world.runtime));
  await addApprovedServer(busy, [defineTool('a')]);
  const quiet = await makeWorkspace(world.runtime);
  const { firstRun, counts, lastCalls } = await getOverview({ ctx: await quiet.as('owner') });
  expect({ ...firstRun, workspace: null }).toEqual({ workspace: null, agent: null, server: null, profile: null, call: null });
  expect(counts).toEqual({ reviewsOpen: 0, agents: 0, servers: 0, profiles: 0 });
  expect(lastCalls).toEqual([]);
  await expectRefused('not_permitted', getOverview({ ctx: await quiet.as('member') }));
});
