import { Server as LegacyServer } from '@modelcontextprotocol/sdk/server/index.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { expect, test } from 'vitest';

import { makeProfile, makeTool } from '@gatehouse/policy/testing/build';

import { startGateway } from '../support/agent/gateway.ts';
import { connectFullV1, connectFullV2, postModern } from '../support/clients/clients.ts';
import { makeFullProfile, startFullLegacyServer, startFullModernServer } from '../support/servers/full-servers.ts';
import { makeServerAt, startBothEras, startLegacy, startModernUpstream } from '../support/servers/upstreams.ts';

const QUESTIONS = ['ask', 'sample', 'folders'] as const;

/** A server that speaks both eras, and a gateway before it. */
async function startGatewayToBoth() {
  const [legacy, modern] = await Promise.all([startFullLegacyServer(), startFullModernServer()]);
  const both = await startBothEras({ legacy: legacy.url, modern: modern.url });
  const { server, profile } = makeFullProfile(both.url);
  return { ...(await startGateway({ servers: [server], profiles: [profile] })), legacy, modern };
}

test('before a server that speaks both eras, each client is put through to its own side, at once and in turn', async () => {
  const gateway = await startGatewayToBoth();
  const clients = {
    legacy: await connectFullV1(gateway.url, gateway.secret),
    modern: await connectFullV2(gateway.url, gateway.secret, { pin: '2026-07-28' }),
  };
  for (const round of [1, 2]) {
    for (const era of ['modern', 'legacy'] as const) {
      const { client, asked } = clients[era];
      for (const name of QUESTIONS) await client.callTool({ name, arguments: {} });
      expect(asked).toHaveLength(QUESTIONS.length * round);
    }
    // in the newer protocol every question is a call of its own
    expect(gateway.legacy.calls).toHaveLength(QUESTIONS.length * round);
    expect(gateway.modern.calls).toHaveLength(QUESTIONS.length * round * 2);
  }
  expect(gateway.legacy.getCapabilities()).toMatchObject({ elicitation: {}, sampling: {}, roots: {} });
});

test('a client of the older protocol gets what a server of it would have sent, also from one of the newer', async () => {
  const modern = await startFullModernServer();
  const { server, profile } = makeFullProfile(modern.url);
  const gateway = await startGateway({ servers: [server], profiles: [profile] });
  const { client } = await connectFullV1(gateway.url, gateway.secret);
  const results = [
    await client.callTool({ name: 'work', arguments: { text: 'x' } }),
    await client.callTool({ name: 'fail', arguments: {} }),
    await client.readResource({ uri: 'memo://one' }),
    await client.getPrompt({ name: 'hello', arguments: { who: 'Ida' } }),
    await client.complete({ ref: { type: 'ref/prompt', name: 'hello' }, argument: { name: 'who', value: 'I' } }),
  ];
  expect(results).toEqual([
    { content: [{ type: 'text', text: 'x' }] },
    { content: [{ type: 'text', text: 'no' }], isError: true, structuredContent: { any: [1] }, _meta: { own: true } },
    { contents: [{ uri: 'memo://one', text: 'memo memo://one' }] },
    { messages: [{ role: 'user', content: { type: 'text', text: 'Hello Ida' } }] },
    { completion: { values: ['I!'] } },
  ]);
});

const TOOL = { name: 'order', inputSchema: { type: 'object' as const } };

test('the two sides of a server may define a tool otherwise: it runs where it is as it was approved, and nowhere else', async () => {
  const calls: string[] = [];
  const [here, there] = [
    { ...TOOL, description: 'as approved' },
    { ...TOOL, description: 'otherwise' },
  ];
  const modern = await startModernUpstream({
    tools: [here],
    call: () => (calls.push('modern'), { content: [{ type: 'text', text: 'modern' }] }),
  });
  const legacy = await startLegacy(() => {
    const server = new LegacyServer({ name: 'older', version: '1' }, { capabilities: { tools: {} } });
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [there] }));
    server.setRequestHandler(CallToolRequestSchema, () => (calls.push('legacy'), { content: [] }));
    return server;
  });
  const both = await startBothEras({ legacy: legacy.url, modern: modern.url });
  const server = makeServerAt(both.url);
  const gateway = await startGateway({ servers: [server], profiles: [makeProfile([makeTool(server, here)])] });
  const { client } = await connectFullV1(gateway.url, gateway.secret);
  expect(await client.callTool({ name: 'order', arguments: {} })).toEqual({ content: [{ type: 'text', text: 'modern' }] });
  expect(calls).toEqual(['modern']);
});

test('a tool that was approved as only the older side defines it is refused to clients of the newer one', async () => {
  const gateway = await startGatewayToBoth();
  const before = { ...gateway.getContent() };
  const [profile] = before.profiles;
  const [server] = before.servers;
  if (!profile || !server) throw new Error('nothing is published');
  const other = { name: 'work', description: 'only here', inputSchema: { type: 'object' as const } };
  gateway.publish({ profiles: [makeProfile([makeTool(server, other)], { id: profile.id, slug: profile.slug })] });
  const { client } = await connectFullV2(gateway.url, gateway.secret, { pin: '2026-07-28' });
  expect(await client.callTool({ name: 'work', arguments: {} })).toMatchObject({ isError: true });
  expect([gateway.legacy.calls, gateway.modern.calls]).toEqual([[], []]);
});

test('what a client of the newer protocol declares with a request is what a server of the older one knows of it', async () => {
  const upstream = await startFullLegacyServer();
  const { server, profile } = makeFullProfile(upstream.url);
  const gateway = await startGateway({ servers: [server], profiles: [profile] });
  const ask = async (capabilities: Record<string, unknown>) =>
    (await postModern(gateway.url, gateway.secret, { method: 'tools/call', params: { name: 'ask' }, capabilities })).text();
  expect(await ask({})).toContain('"error"');
  expect(await ask({ elicitation: {} })).toContain('input_required');
  expect(await ask({})).toContain('"error"');
  expect(upstream.countSessions()).toBe(2);
});
