import { expect, test } from 'vitest';

import { readDescription } from '@gatehouse/openapi/read-description';
import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import type { SnapshotTool } from '@gatehouse/policy/documents/profile';
import { findRestOperation } from '@gatehouse/policy/documents/rest-operation';
import { makeProfile, makeTool } from '@gatehouse/policy/testing/build';

import { startGateway } from '../../support/agent/gateway.ts';
import { connectV1, connectV2 } from '../../support/clients/clients.ts';
import { startPilot } from '../../support/servers/pilot.ts';
import { makeRestServer } from '../../support/servers/rest.ts';

const credential = { kind: 'header', header: 'Authorization', prefix: 'Bearer ', reference: 'env:ORDERS_TOKEN' } as const;

/** The orders API behind a profile, from its own description. `change`: what the profile does with a tool. */
async function startOrders(change: (tool: SnapshotTool) => SnapshotTool = (tool) => tool, token?: string) {
  const pilot = await startPilot();
  const read = readDescription(await pilot.description());
  if (!read.ok) throw new Error(read.problem);
  const server = makeRestServer(pilot.baseUrl, credential);
  const definitions = read.description.operations.flatMap(({ tool }): ToolDefinition[] => (tool ? [tool.definition] : []));
  const tools = definitions.map((definition) => change(makeTool(server, definition)));
  const environment = { ORDERS_TOKEN: token ?? pilot.token };
  const gateway = await startGateway({ servers: [server], profiles: [makeProfile(tools)], environment });
  return { gateway, definitions, server };
}

const CLIENTS = {
  'client 2.x on 2026-07-28': (url: string, secret: string) => connectV2(url, secret, { pin: '2026-07-28' }),
  'client 2.x on 2025-11-25': (url: string, secret: string) => connectV2(url, secret, 'legacy'),
  'client 1.x': connectV1,
};

for (const [name, connect] of Object.entries(CLIENTS)) {
  test(`${name} lists and calls the tools of an HTTP API`, async () => {
    const { gateway, definitions, server } = await startOrders();
    const client = await connect(gateway.url, gateway.secret);
    const { tools } = await client.listTools();
    expect(tools.map((tool) => tool.name)).toEqual(['cancelOrder', 'getOrder', 'listOrders', 'replaceOrderNote']);
    // how the API is called is approved with the tool, and nobody's business outside
    expect(definitions.every((definition) => findRestOperation(definition) !== null)).toBe(true);
    expect(JSON.stringify(tools)).not.toContain('gatehouse/operation');
    // by its method the API says that it destroys something; what was decided is what clients are told
    expect(definitions.find((tool) => tool.name === 'cancelOrder')?.annotations?.destructiveHint).toBe(true);
    expect(tools.find((tool) => tool.name === 'cancelOrder')?.annotations).toMatchObject({ destructiveHint: false });

    const order = await client.callTool({ name: 'getOrder', arguments: { orderId: '8841' } });
    expect(order).toMatchObject({ structuredContent: { orderId: '8841', customer: { name: 'Ada Byron' } } });
    const noted = await client.callTool({
      name: 'replaceOrderNote',
      arguments: { orderId: '8842', body: { note: 'call back' } },
    });
    expect(noted).toMatchObject({ structuredContent: { orderId: '8842', note: 'call back' } });
    const open = await client.callTool({ name: 'listOrders', arguments: { status: 'open' } });
    expect(open.structuredContent).toMatchObject({ orders: [{ orderId: '8842', note: 'call back' }, { orderId: '8843' }] });
    const missing = await client.callTool({ name: 'getOrder', arguments: { orderId: '9999' } });
    expect(missing).toMatchObject({ isError: true, content: [{ text: 'The API answered HTTP 404 (Not Found).' }, {}] });

    const records = await Promise.all([0, 1, 2, 3].map((index) => gateway.journal.waitForRecord(index)));
    expect(records.map(({ name, outcome, reasonCode }) => [name, outcome, reasonCode])).toEqual([
      ['getOrder', 'allowed', 'ok'],
      ['replaceOrderNote', 'allowed', 'ok'],
      ['listOrders', 'allowed', 'ok'],
      ['getOrder', 'allowed', 'tool_error'],
    ]);
    expect(records[0]).toMatchObject({ serverId: server.id, credential: 'env:ORDERS_TOKEN' });
    // there is no list of the API that a call could be compared with
    expect(records[0]?.checks).toContainEqual({ check: 'pin', result: 'pass', listedMsAgo: null });
  });
}

test('an argument that the profile pins is sent, and one that the schema does not allow never leaves', async () => {
  const { gateway } = await startOrders((tool) =>
    tool.name === 'listOrders' ? { ...tool, arguments: [{ kind: 'pin', argument: '/status', value: 'shipped' }] } : tool,
  );
  const client = await connectV2(gateway.url, gateway.secret, 'auto');
  const shipped = await client.callTool({ name: 'listOrders', arguments: {} });
  expect(shipped.structuredContent).toMatchObject({ orders: [{ orderId: '8841' }, { orderId: '8844' }] });
  const refused = await client.callTool({ name: 'getOrder', arguments: { orderId: '../orders' } });
  expect(refused.isError).toBe(true);
  const refusals = [await gateway.journal.waitForRecord(0), await gateway.journal.waitForRecord(1)].map(
    ({ reasonCode }) => reasonCode,
  );
  expect(refusals).toEqual(['ok', 'arguments_invalid']);
});

test('a token that the API does not take is told as such, without being told', async () => {
  const { gateway } = await startOrders(undefined, 'a-wrong-token-for-the-api');
  const client = await connectV2(gateway.url, gateway.secret, 'auto');
  const answer = await client.callTool({ name: 'getOrder', arguments: { orderId: '8841' } });
  expect(answer.isError).toBe(true);
  expect(JSON.stringify(answer)).toContain('credential');
  expect(JSON.stringify(answer)).not.toContain('a-wrong-token');
  expect(await gateway.journal.waitForRecord(0)).toMatchObject({ outcome: 'denied', reasonCode: 'credential_unavailable' });
  expect(gateway.upstreams.listHealth()).toMatchObject([{ state: 'unreachable' }]);
});
