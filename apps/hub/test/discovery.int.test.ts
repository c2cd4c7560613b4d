import { expect, test } from 'vitest';

import { verifyEnvelope } from '@gatehouse/protocol/verify';
import { getDiscovery } from '@gatehouse/services/discovery/get-discovery';
import { startDiscovery } from '@gatehouse/services/discovery/start-discovery';
import { createServer } from '@gatehouse/services/server/create-server';
import { getServer } from '@gatehouse/services/server/get-server';

import { expectSoon, openHub, type Workspace } from './support/world.ts';

const { world, hub } = await openHub();

async function orderDiscovery(workspace: Workspace, agentId: string, name = 'Orders') {
  const ctx = await workspace.as('owner');
  const transport = { kind: 'http' as const, url: 'http://127.0.0.1:3030/mcp', credential: null };
  const input = { name, transport, purpose: 'Look up orders', siteIds: [workspace.siteId] };
  const { id: serverId } = await createServer({ ctx, input });
  const { id } = await startDiscovery({ ctx, input: { serverId, agentId } });
  const readEntries = async () => (await getServer({ ctx, input: { serverId } })).entries;
  return { id, serverId, read: () => getDiscovery({ ctx, input: { discoveryId: id } }), readEntries };
}

test('an order reaches the agent it is for, and what comes back is on record', async () => {
  const workspace = await world.makeWorkspace();
  const [enrolled, neighbour] = [await workspace.enrol(hub), await workspace.enrol(hub)];
  const agent = await enrolled.connect(hub);
  const other = await neighbour.connect(hub);
  await other.waitForFirst('config-push');
  const discovery = await orderDiscovery(workspace, enrolled.agentId);

  const request = await agent.waitForFirst('discovery-request');
  const payload = verifyEnvelope(request.envelope, workspace.rootKeys, 'application/vnd.gatehouse.discovery+json');
  expect(JSON.parse(payload.toString('utf8'))).toMatchObject({
    discoveryId: discovery.id,
    agentId: enrolled.agentId,
    server: { id: discovery.serverId },
  });

  const discoveryId = discovery.id;
  agent.send({ type: 'discovery-progress', discoveryId, stage: 'connect', status: 'passed', at: new Date().toISOString() });
  agent.send({
    type: 'discovery-result',
    discoveryId,
    outcome: {
      status: 'succeeded',
      protocolVersion: '2025-11-25',
      serverInfo: { name: 'orders', version: '1.0.0' },
      entries: [{ kind: 'tool', definition: { name: 'orders_get', inputSchema: { type: 'object' } } }],
    },
  });
  await expectSoon(async () => (await discovery.read()).status).toBe('succeeded');
  expect(other.messages.all.some(({ type }) => type === 'discovery-request')).toBe(false);
  await agent.close();
  await other.close();
});

test('an order that was made while the agent was away waits for it, and comes once per connection', async () => {
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(hub);
  const discovery = await orderDiscovery(workspace, enrolled.agentId);
  const first = await enrolled.connect(hub);
  expect((await first.waitForFirst('discovery-request')).discoveryId).toBe(discovery.id);
  await first.close();

  const again = await enrolled.connect(hub);
  await again.waitForFirst('discovery-request');
  const later = await orderDiscovery(workspace, enrolled.agentId, 'Invoices');
  await again.waitForFirst('discovery-request', ({ discoveryId }) => discoveryId === later.id);
  const ordered = again.messages.all.flatMap((message) => (message.type === 'discovery-request' ? [message.discoveryId] : []));
  expect(ordered).toEqual([discovery.id, later.id]);
  await again.close();
});

test('a result in the form of agents of 0.1 puts the same entries on record', async () => {
  const workspace = await world.makeWorkspace();
  const enrolled = await workspace.enrol(hub);
  const agent = await enrolled.connect(hub);
  const tool = { name: 'orders_get', inputSchema: { type: 'object' as const }, _meta: { own: 1 } };
  const prompt = { name: 'summary' };
  const resource = { uri: 'orders://terms', name: 'Terms' };
  const template = { uriTemplate: 'orders://{id}', name: 'One order' };
  const said = { protocolVersion: '2025-11-25', serverInfo: { name: 'orders', version: '1.0.0' } };
  const text = 'Look an order up first.';
  const lists = { instructions: text, tools: [tool], prompts: [prompt], resources: [resource], resourceTemplates: [template] };

  const present = await orderDiscovery(workspace, enrolled.agentId);
  agent.send({
    type: 'discovery-result',
    discoveryId: present.id,
    outcome: {
      status: 'succeeded',
      ...said,
      entries: [
        { kind: 'tool', definition: tool },
        { kind: 'prompt', definition: prompt },
        { kind: 'resource', definition: resource },
        { kind: 'template', definition: template },
        { kind: 'instructions', definition: { text } },
      ],
    },
  });
  const earlier = await orderDiscovery(workspace, enrolled.agentId, 'Invoices');
  const outcome = { status: 'succeeded', ...said, ...lists };
  agent.sendText(JSON.stringify({ type: 'discovery-result', discoveryId: earlier.id, outcome }));
  for (const { read } of [present, earlier]) await expectSoon(async () => (await read()).status).toBe('succeeded');
  const stored = await present.readEntries();
  expect(stored.map(({ kind }) => kind)).toEqual(['tool', 'prompt', 'resource', 'template', 'instructions']);
  expect(await earlier.readEntries()).toEqual(stored);
  await agent.close();
});
