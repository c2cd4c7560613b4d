import { expect, test } from 'vitest';

import { createServer } from '@gatehouse/services/server/create-server';
import { getServer } from '@gatehouse/services/server/get-server';

import { openHub, type Workspace } from './support/world.ts';

const { world, hub } = await openHub();

const WATCHES = { features: ['observations'] } as const;
const makeTool = (name: string) => ({ kind: 'tool' as const, definition: { name, inputSchema: { type: 'object' as const } } });
const buildReport = (serverId: string, ...names: string[]) => ({
  type: 'definitions-observed' as const,
  serverId,
  offer: { protocolVersion: '2025-11-25', serverInfo: { name: 'orders', version: '1' }, entries: names.map(makeTool) },
});

async function addServer(workspace: Workspace) {
  const ctx = await workspace.as('owner');
  const transport = { kind: 'http' as const, url: 'http://127.0.0.1:3030/mcp', credential: null };
  const input = { name: 'Orders', transport, purpose: 'Look up orders', siteIds: [workspace.siteId] };
  const { id } = await createServer({ ctx, input });
  return { id, read: () => getServer({ ctx, input: { serverId: id } }) };
}

test('what an agent sees is on record for its site when it is noted', async () => {
  const workspace = await world.makeWorkspace();
  const server = await addServer(workspace);
  const agent = await (await workspace.enrol(hub)).connect(hub, {}, WATCHES);
  agent.send(buildReport(server.id, 'orders_get'));
  expect(await agent.waitForFirst('definitions-noted')).toEqual({ type: 'definitions-noted', serverId: server.id });
  const { sites, entries } = await server.read();
  expect(sites).toMatchObject([{ id: workspace.siteId, revision: 1, observedAt: expect.any(Date) }]);
  expect(entries.map(({ name, verdict }) => [name, verdict])).toEqual([['orders_get', 'pending']]);
  await agent.close();
});

test('T-35: it is refused of a foreign server, out of bounds, and where the feature was not named', async () => {
  const [workspace, other] = [await world.makeWorkspace(), await world.makeWorkspace()];
  const [server, foreign] = [await addServer(workspace), await addServer(other)];
  const agent = await (await workspace.enrol(hub)).connect(hub, {}, WATCHES);
  agent.send(buildReport(foreign.id, 'orders_get'));
  expect(await agent.waitForFirst('rejected')).toMatchObject({ of: 'definitions-observed', code: 'foreign_id' });
  agent.send(buildReport(server.id, ...Array.from({ length: 10_000 }, (_, index) => `tool_${index}`)));
  await agent.waitForFirst('rejected', ({ of, code }) => of === 'definitions-observed' && code === 'malformed');
  const older = await (await workspace.enrol(hub)).connect(hub, {}, { features: ['parts'] });
  older.send(buildReport(server.id, 'orders_get'));
  expect(await older.waitForFirst('rejected')).toMatchObject({ of: 'definitions-observed', code: 'unexpected' });
  expect((await server.read()).revisions).toEqual([]);
  expect((await foreign.read()).revisions).toEqual([]);
  await agent.close();
  await older.close();
});
