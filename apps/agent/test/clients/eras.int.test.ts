import { Server as LegacyServer } from '@modelcontextprotocol/sdk/server/index.js';
import { CallToolRequestSchema, ElicitResultSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { expect, test } from 'vitest';

import { makeClientKey, makeProfile, makeTool } from '@gatehouse/policy/testing/build';

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
const TENANTED = { ...TOOL, inputSchema: { ...TOOL.inputSchema, properties: { tenant: { type: 'string' } } } };

/** A server of the older protocol whose one tool asks `questions` things, one after the other or at once, before it does what it does. */
async function startAsking({
  questions = 1,
  atOnce = false,
  straysAfter = false,
  tools = [TOOL],
  readClock = () => performance.now(),
} = {}) {
  const seen = { begun: 0, done: 0, ended: 0, answers: [] as unknown[] };
  const upstream = await startLegacy(() => {
    const server = new LegacyServer({ name: 'asking', version: '1' }, { capabilities: { tools: {} } });
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }));
    server.setRequestHandler(CallToolRequestSchema, async (_request, extra) => {
      seen.begun += 1;
      const ask = (n: number) =>
        extra.sendRequest(
          {
            method: 'elicitation/create',
            params: { message: `question ${n}`, requestedSchema: { type: 'object', properties: {} } },
          },
          ElicitResultSchema,
        );
      const numbers = Array.from({ length: questions }, (_, n) => n + 1);
      try {
        if (straysAfter) {
          const asked = ask(1);
          await extra.sendNotification({ method: 'notifications/cancelled', params: {} });
          seen.answers.push(await asked);
        } else if (atOnce) seen.answers.push(...(await Promise.all(numbers.map(ask))));
        else for (const n of numbers) seen.answers.push(await ask(n));
      } catch (error) {
        seen.ended += 1;
        throw error;
      }
      seen.done += 1;
      return { content: [{ type: 'text', text: `done ${seen.done}` }] };
    });
    return server;
  });
  const server = makeServerAt(upstream.url);
  const profile = makeProfile([makeTool(server, TOOL)]);
  const gateway = await startGateway({ servers: [server], profiles: [profile], readClock });
  const call = async (params: object = {}, secret = gateway.secret) => {
    const request = {
      method: 'tools/call',
      params: { name: 'order', arguments: {}, ...params },
      capabilities: { elicitation: {} },
    };
    const text = await (await postModern(gateway.url, secret, request)).text();
    return JSON.parse(text) as { result: Asking & { isError?: boolean; content: { text: string }[] }; error?: { code: number } };
  };
  return { ...gateway, upstream, seen, call, server, profile };
}

interface Asking {
  resultType: string;
  requestState: string;
  inputRequests: Record<string, { method: string; params: { message: string } }>;
}

const ACCEPTED = { action: 'accept', content: {} };
const answerAll = ({ inputRequests, requestState }: Asking) => ({
  requestState,
  inputResponses: Object.fromEntries(Object.keys(inputRequests).map((key) => [key, ACCEPTED])),
});

test('a question of a legacy server is a result for a modern client, whose answer goes on with the very call', async () => {
  const { call, seen, journal } = await startAsking({ questions: 2 });
  const first = (await call()).result;
  expect(first).toMatchObject({ resultType: 'input_required' });
  expect(Object.values(first.inputRequests)).toMatchObject([{ method: 'elicitation/create', params: { message: 'question 1' } }]);
  const second = (await call(answerAll(first))).result;
  expect(Object.values(second.inputRequests)).toMatchObject([{ params: { message: 'question 2' } }]);
  expect(seen).toMatchObject({ begun: 1, done: 0 });
  expect((await call(answerAll(second))).result).toMatchObject({ resultType: 'complete', content: [{ text: 'done 1' }] });
  expect(seen).toEqual({ begun: 1, done: 1, ended: 0, answers: [ACCEPTED, ACCEPTED] });
  // each request has its receipt
  expect(journal.finished.map(({ reasonCode }) => reasonCode)).toEqual(['ok', 'ok', 'ok']);
});

test('what a legacy server asks at once is asked in one result, and what is left open is asked again', async () => {
  const { call, seen } = await startAsking({ questions: 3, atOnce: true });
  const first = (await call()).result;
  expect(Object.keys(first.inputRequests)).toHaveLength(3);
  const { inputResponses, requestState } = answerAll(first);
  const [key] = Object.keys(inputResponses);
  const again = (await call({ requestState, inputResponses: { ...inputResponses, [key!]: 5, stray: ACCEPTED } })).result;
  expect(Object.keys(again.inputRequests)).toEqual([key]);
  expect((await call(answerAll(again))).result.content).toEqual([{ type: 'text', text: 'done 1' }]);
  expect(seen).toMatchObject({ begun: 1, done: 1 });
});

test('a server that withdraws no question by its id withdraws none', async () => {
  const { call, seen } = await startAsking({ straysAfter: true });
  const first = (await call()).result;
  expect(Object.keys(first.inputRequests)).toHaveLength(1);
  expect((await call(answerAll(first))).result.content).toEqual([{ type: 'text', text: 'done 1' }]);
  expect(seen).toMatchObject({ begun: 1, done: 1, ended: 0 });
});

test('T-59: a held call goes on once, for the same request of the same key alone, and is never sent a second time', async () => {
  const { call, seen, server, profile, key, publish } = await startAsking();
  const other = makeClientKey(profile);
  publish({ clientKeys: [key, other.key], servers: [server] });
  const first = (await call()).result;
  const retry = answerAll(first);
  expect(await call(retry, other.secret)).toMatchObject({ error: { code: -32602 } });
  expect(await call({ ...retry, arguments: { other: 1 } })).toMatchObject({ error: { code: -32602 } });
  expect(await call({ inputResponses: retry.inputResponses })).toMatchObject({ result: { isError: true } });
  const results = await Promise.all([call(retry), call(retry), call(retry)]);
  expect(results.filter(({ result }) => result.content[0]?.text === 'done 1')).toHaveLength(1);
  for (const { result } of results.filter(({ result: { isError } }) => isError)) {
    expect(result.content[0]?.text).toMatch(/not held any more.*was not sent again/);
  }
  expect(results.filter(({ result }) => result.isError)).toHaveLength(2);
  expect(seen).toMatchObject({ begun: 1, done: 1 });
});

test('a held call ends with its server: when the configuration changes, and when the agent ends', async () => {
  const site = await startAsking();
  const retry = answerAll((await site.call()).result);
  site.publish({ servers: [{ ...site.server, features: { ...site.server.features, logging: true } }] });
  await expect.poll(() => site.seen.ended).toBe(1);
  expect((await site.call(retry)).result).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining('not held') }],
  });
  await site.call();
  await site.close();
  await expect.poll(() => site.seen.ended).toBe(2);
  expect(site.seen).toMatchObject({ begun: 2, done: 0 });
});

test('a held call whose tool has changed meanwhile does not go on', async () => {
  const tools = [TOOL];
  let passed = 0;
  const site = await startAsking({ tools, readClock: () => performance.now() + passed });
  const retry = answerAll((await site.call()).result);
  tools[0] = { ...TOOL, inputSchema: { ...TOOL.inputSchema, title: 'other' } as typeof TOOL.inputSchema };
  passed = 10 * 60_000;
  expect((await site.call(retry)).result).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining('has changed this tool') }],
  });
  await expect.poll(() => site.seen.ended).toBe(1);
  expect(site.seen.done).toBe(0);
});

test('a held call goes on only where the same would be sent now: not under other pinned values', async () => {
  const site = await startAsking({ tools: [TENANTED] });
  const publish = (value: string) =>
    site.publish({
      profiles: [
        {
          ...site.profile,
          entries: [makeTool(site.server, TENANTED, { arguments: [{ kind: 'pin', argument: '/tenant', value }] })],
        },
      ],
    });
  publish('prod');
  const retry = answerAll((await site.call()).result);
  publish('staging');
  expect((await site.call(retry)).result).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining('The configuration was changed while the client was asked') }],
  });
  await expect.poll(() => site.seen.ended).toBe(1);
  expect(site.seen).toMatchObject({ begun: 1, done: 0 });
});

test('a client that goes away while its held call goes on ends it', async () => {
  const { url, secret, seen, call } = await startAsking({ questions: 2 });
  const retry = answerAll((await call()).result);
  const leaving = new AbortController();
  const request = { method: 'tools/call', params: { name: 'order', arguments: {} }, capabilities: { elicitation: {} } };
  const response = postModern(url, secret, { ...request, params: { ...request.params, ...retry } }, {}, leaving.signal);
  await expect.poll(() => seen.answers.length).toBe(1);
  leaving.abort();
  await expect(response.then((answer) => answer.text())).rejects.toThrow();
  // either it had been asked again by then and is held, or it is over
  expect(seen).toMatchObject({ begun: 1, done: 0 });
});

test('a client holds a bounded number of calls; the server is told that one more cannot be asked', async () => {
  const { call, seen } = await startAsking();
  const held = await Promise.all(Array.from({ length: 16 }, () => call()));
  expect(held.filter(({ result }) => result.resultType === 'input_required')).toHaveLength(16);
  expect(await call()).toMatchObject({ error: { message: expect.stringContaining('asked too much at once') } });
  expect((await call(answerAll(held[3]!.result))).result).toMatchObject({ resultType: 'complete' });
  expect((await call()).result).toMatchObject({ resultType: 'input_required' });
  expect(seen).toMatchObject({ begun: 18, done: 1 });
});

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
