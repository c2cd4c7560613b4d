import { expect, test } from 'vitest';

import { startGateway } from '../support/agent/gateway.ts';
import {
  buildAuthorization,
  connectFullV1,
  connectFullV2,
  connectV2,
  buildLegacyCall,
  createMessageReader,
  parseMessages,
  postModern,
  openSession,
  post,
} from '../support/clients/clients.ts';
import {
  FULL_TOOLS,
  makeFullProfile,
  GREETING,
  MEMO,
  MEMOS,
  SECRET,
  startFullLegacyServer,
  startFullModernServer,
} from '../support/servers/full-servers.ts';

const SERVERS = { legacy: startFullLegacyServer, modern: startFullModernServer };
const CLIENTS = {
  'client 2.x on 2026-07-28': (url: string, secret: string) => connectFullV2(url, secret, { pin: '2026-07-28' }),
  'client 2.x on 2025-11-25': (url: string, secret: string) => connectFullV2(url, secret, 'legacy'),
  'client 1.x': connectFullV1,
};

async function startGatewayTo(era: keyof typeof SERVERS, reference?: string) {
  const upstream = await SERVERS[era]();
  const { server, profile } = makeFullProfile(upstream.url, reference);
  const gateway = await startGateway({ servers: [server], profiles: [profile], environment: { ORDERS_TOKEN: SECRET } });
  return { ...gateway, upstream, server, profile };
}

for (const era of ['legacy', 'modern'] as const) {
  for (const [name, connect] of Object.entries(CLIENTS)) {
    test(`${name} gets lists, prompts, resources, completions and progress of a ${era} server`, async () => {
      const gateway = await startGatewayTo(era);
      const { client, logged, work } = await connect(gateway.url, gateway.secret);
      expect((await client.listTools()).tools.map((tool) => tool.name)).toEqual(FULL_TOOLS.map((tool) => tool.name).toSorted());
      expect((await client.listPrompts()).prompts).toEqual([{ ...GREETING, name: 'hello' }]);
      expect((await client.listResources()).resources).toEqual([MEMO]);
      expect((await client.listResourceTemplates()).resourceTemplates).toEqual([MEMOS]);

      const prompt = await client.getPrompt({ name: 'hello', arguments: { who: 'Ida' } });
      expect(prompt.messages).toEqual([{ role: 'user', content: { type: 'text', text: 'Hello Ida' } }]);
      expect((await client.readResource({ uri: 'memo://77' })).contents).toEqual([{ uri: 'memo://77', text: 'memo memo://77' }]);
      const ref = { type: 'ref/prompt' as const, name: 'hello' };
      const completed = await client.complete({ ref, argument: { name: 'who', value: 'I' } });
      expect(completed.completion.values).toEqual(['I!']);

      const progress: number[] = [];
      const worked = await work('x', (report) => progress.push(report.progress));
      expect(worked).toMatchObject({ content: [{ text: 'x' }] });
      expect(progress).toEqual([1, 2]);
      // the newer protocol sends log messages to those alone who ask for them with the request
      expect(logged).toEqual(name.includes('2026') ? [] : ['log x']);

      const records = gateway.journal.finished.map(({ method, name, advertisedName, reasonCode }) => [
        method,
        name,
        advertisedName,
        reasonCode,
      ]);
      expect(records).toEqual([
        ['prompts/get', 'greet', 'hello', 'ok'],
        ['resources/read', 'memo://{id}', 'memo://{id}', 'ok'],
        ['tools/call', 'work', 'work', 'ok'],
      ]);
      expect(gateway.journal.begun.map(({ method }) => method)).toEqual(['prompts/get', 'resources/read', 'tools/call']);
    });
  }

  test(`a failed result of a ${era} server comes as it is`, async () => {
    const gateway = await startGatewayTo(era);
    for (const connect of Object.values(CLIENTS)) {
      const { client } = await connect(gateway.url, gateway.secret);
      expect(await client.callTool({ name: 'fail', arguments: {} })).toMatchObject({
        content: [{ type: 'text', text: 'no' }],
        isError: true,
        structuredContent: { any: [1] },
        _meta: { own: true },
      });
    }
    expect(gateway.journal.finished.map(({ reasonCode }) => reasonCode)).toEqual(['tool_error', 'tool_error', 'tool_error']);
  });
}

const QUESTIONS = [
  ['ask', 'elicitation/create', 'that one'],
  ['sample', 'sampling/createMessage', 'said'],
  ['folders', 'roots/list', 'file:///work'],
] as const;

for (const [era, name] of [
  ['legacy', 'client 1.x'],
  ['legacy', 'client 2.x on 2025-11-25'],
  ['legacy', 'client 2.x on 2026-07-28'],
  ['modern', 'client 1.x'],
  ['modern', 'client 2.x on 2025-11-25'],
  ['modern', 'client 2.x on 2026-07-28'],
] as const) {
  test(`${name} is asked by a ${era} server and answers it`, async () => {
    const gateway = await startGatewayTo(era);
    const { client, asked } = await CLIENTS[name](gateway.url, gateway.secret);
    for (const [tool, , answer] of QUESTIONS) {
      const result = await client.callTool({ name: tool, arguments: {} });
      expect(JSON.stringify(result)).toContain(answer);
    }
    expect(asked.map(({ method }) => method)).toEqual(QUESTIONS.map(([, method]) => method));
    // a question is a part of its request in the older protocol, and a request of its own in the newer one
    const perCall = name.includes('2026') ? 2 : 1;
    expect(gateway.journal.finished).toHaveLength(QUESTIONS.length * perCall);
    expect(new Set(gateway.journal.finished.map(({ reasonCode }) => reasonCode))).toEqual(new Set(['ok']));
  });
}

test('several rounds of a modern server: the state goes through the client sealed, and only for the very same request', async () => {
  const gateway = await startGatewayTo('modern');
  const capabilities = { elicitation: { form: {} } };
  const call = (params: Record<string, unknown>, secret = gateway.secret) =>
    postModern(gateway.url, secret, { method: 'tools/call', params: { name: 'twice', ...params }, capabilities });
  const first = (await (await call({ arguments: { text: 'a' } })).json()) as {
    result: { requestState: string; resultType: string };
  };
  expect(first.result.resultType).toBe('input_required');
  expect(Buffer.from(first.result.requestState, 'base64url').toString('latin1')).not.toContain('first');
  const inputResponses = { answer: { action: 'accept', content: { which: 'x' } } };
  const { requestState } = first.result;

  const other = await call({ arguments: { text: 'b' }, inputResponses, requestState });
  const forgedState = `${requestState.startsWith('A') ? 'B' : 'A'}${requestState.slice(1)}`;
  const forged = await call({ arguments: { text: 'a' }, inputResponses, requestState: forgedState });
  for (const refused of [other, forged]) {
    expect(await refused.json()).toMatchObject({ error: { code: -32602, message: expect.stringContaining('requestState') } });
  }
  const second = (await (await call({ arguments: { text: 'a' }, inputResponses, requestState })).json()) as typeof first;
  const done = await call({ arguments: { text: 'a' }, inputResponses, requestState: second.result.requestState });
  expect(await done.json()).toMatchObject({
    result: { resultType: 'complete', content: [{ text: JSON.stringify(inputResponses) }] },
  });
  expect(gateway.journal.finished.map(({ reasonCode }) => reasonCode)).toEqual([
    'ok',
    'request_malformed',
    'request_malformed',
    'ok',
    'ok',
  ]);
  expect(gateway.upstream.calls).toHaveLength(3);
});

test('a server that never stops asking is ended', async () => {
  const gateway = await startGatewayTo('modern');
  const { client, asked } = await connectFullV1(gateway.url, gateway.secret);
  expect(await client.callTool({ name: 'endless', arguments: {} })).toMatchObject({ isError: true });
  expect([asked.length, gateway.upstream.calls.length]).toEqual([16, 17]);
  expect(await gateway.journal.waitForRecord(0)).toMatchObject({ outcome: 'failed', reasonCode: 'upstream_protocol' });
  expect(gateway.journal.finished).toHaveLength(1);
});

test('a client that refuses to answer ends the call', async () => {
  const gateway = await startGatewayTo('modern');
  const params = { protocolVersion: '2025-11-25', capabilities: { elicitation: {} }, clientInfo: { name: 'raw', version: '0' } };
  const opened = await post(
    gateway.url,
    { jsonrpc: '2.0', id: 0, method: 'initialize', params },
    buildAuthorization(gateway.secret),
  );
  const session = { ...buildAuthorization(gateway.secret), 'mcp-session-id': opened.headers.get('mcp-session-id')! };
  const stream = createMessageReader(await post(gateway.url, buildLegacyCall('ask', {}), session));
  const { id } = await stream.next();
  await post(gateway.url, { jsonrpc: '2.0', id, error: { code: -1, message: 'no' } }, session);
  expect(await stream.next()).toMatchObject({ id: 1, result: { isError: true } });
  expect(await gateway.journal.waitForRecord(0)).toMatchObject({ outcome: 'failed', reasonCode: 'cancelled' });
});

test('T-59: a question that a client did not declare is not passed on', async () => {
  const gateway = await startGatewayTo('legacy');
  const session = await openSession(gateway.url, gateway.secret);
  const response = await post(gateway.url, buildLegacyCall('ask', {}), session);
  const answer = await response.text();
  expect(answer).toContain('"id":1');
  expect(answer).not.toContain('elicitation/create');
});

test('an answer reaches the question that it belongs to, and no other session', async () => {
  const gateway = await startGatewayTo('legacy');
  const open = async () => {
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: { elicitation: {} },
      clientInfo: { name: 'raw', version: '0' },
    };
    const response = await post(
      gateway.url,
      { jsonrpc: '2.0', id: 0, method: 'initialize', params },
      buildAuthorization(gateway.secret),
    );
    await response.text();
    return { ...buildAuthorization(gateway.secret), 'mcp-session-id': response.headers.get('mcp-session-id')! };
  };
  const [a, b] = [await open(), await open()];
  const ask = async (session: Record<string, string>) =>
    createMessageReader(await post(gateway.url, buildLegacyCall('ask', {}), session));
  const [streamA, streamB] = [await ask(a), await ask(b)];
  const [questionA, questionB] = [await streamA.next(), await streamB.next()];
  expect(questionA).toMatchObject({ method: 'elicitation/create', id: questionB['id'] });
  const answer = (session: Record<string, string>, which: string) =>
    post(gateway.url, { jsonrpc: '2.0', id: questionA['id'], result: { action: 'accept', content: { which } } }, session);
  expect((await answer(b, 'for b')).status).toBe(202);
  expect((await answer(a, 'for a')).status).toBe(202);
  // nothing is asked under this id any more
  expect((await answer(a, 'again')).status).toBe(202);
  expect(JSON.stringify([await streamA.next(), await streamB.next()])).toMatch(/for a.*for b/);
});

test('what the caller says about itself travels, its credentials and the keys of its own hop do not', async () => {
  for (const era of ['legacy', 'modern'] as const) {
    const gateway = await startGatewayTo(era);
    const meta = { traceparent: '00-ab-cd-01', 'com.example/own': { deep: [1] }, progressToken: 7 };
    const capabilities = { sampling: {}, extensions: { 'io.modelcontextprotocol/tasks': {}, 'com.example/x': { a: 1 } } };
    await postModern(gateway.url, gateway.secret, { method: 'tools/call', params: { name: 'meta' }, meta, capabilities });
    const [seen] = gateway.upstream.calls;
    expect(seen!.meta).toMatchObject(meta);
    expect(JSON.stringify(seen)).not.toContain(gateway.secret);
    expect(Object.keys(seen!.meta).some((key) => key.endsWith('clientCapabilities'))).toBe(era === 'modern');
    expect(gateway.upstream.getCapabilities()).toMatchObject({ sampling: {}, extensions: { 'com.example/x': { a: 1 } } });
    expect(JSON.stringify(gateway.upstream.getCapabilities())).not.toContain('tasks');
  }
});

test('T-43: progress under a token that the caller did not give reaches nobody', async () => {
  for (const era of ['legacy', 'modern'] as const) {
    const gateway = await startGatewayTo(era);
    const session = await openSession(gateway.url, gateway.secret);
    const params = { name: 'work', arguments: { text: 'x' } };
    for (const meta of [{}, { progressToken: 'mine' }]) {
      const old = await post(gateway.url, { ...buildLegacyCall('work', {}), params: { ...params, _meta: meta } }, session);
      const modern = await postModern(gateway.url, gateway.secret, { method: 'tools/call', params, meta });
      for (const text of [await old.text(), await modern.text()]) {
        expect(text).not.toContain('stray');
        expect(text.match(/"progressToken":"mine"/g)?.length ?? 0).toBe('progressToken' in meta ? 2 : 0);
      }
    }
  }
});

test('log messages of a modern server come at the level that was asked for', async () => {
  const gateway = await startGatewayTo('modern');
  const call = (meta: Record<string, unknown>) =>
    postModern(gateway.url, gateway.secret, { method: 'tools/call', params: { name: 'work', arguments: { text: 'x' } }, meta });
  expect((await call({})).headers.get('content-type')).toBe('application/json');
  const logged = await call({ 'io.modelcontextprotocol/logLevel': 'info' });
  expect(logged.headers.get('content-type')).toBe('text/event-stream');
  expect(parseMessages(await logged.text())).toMatchObject([
    { method: 'notifications/message', params: { data: 'log x' } },
    { id: 1 },
  ]);
  const quiet = await call({ 'io.modelcontextprotocol/logLevel': 'error' });
  expect(await quiet.json()).toMatchObject({ result: { content: [{ text: 'x' }] } });
});

test('the log level of a session reaches the servers that it has, and those that it meets later', async () => {
  const gateway = await startGatewayTo('legacy');
  const { client } = await connectFullV1(gateway.url, gateway.secret);
  await client.setLoggingLevel('warning');
  expect(gateway.upstream.levels).toEqual([]);
  await client.callTool({ name: 'meta', arguments: {} });
  await expect.poll(() => gateway.upstream.levels).toEqual(['warning']);
  await client.setLoggingLevel('debug');
  expect(gateway.upstream.levels).toEqual(['warning', 'debug']);
});

test('a client that changes its folders tells the servers of its session', async () => {
  const gateway = await startGatewayTo('legacy');
  const { client } = await connectFullV1(gateway.url, gateway.secret);
  await client.callTool({ name: 'meta', arguments: {} });
  await client.sendRootsListChanged();
  await expect.poll(() => gateway.upstream.countRootsChanged()).toBe(1);
});

test('the end of a session ends its session at the server', async () => {
  const gateway = await startGatewayTo('legacy');
  const session = await openSession(gateway.url, gateway.secret);
  await (await post(gateway.url, buildLegacyCall('meta', {}), session)).text();
  expect(gateway.upstream.countSessions()).toBe(1);
  await fetch(gateway.url, { method: 'DELETE', headers: session });
  await expect.poll(() => gateway.upstream.countSessions()).toBe(0);
});

test('in the older protocol a notification cancels the call as well as the closing of its response', async () => {
  const gateway = await startGatewayTo('legacy');
  const session = await openSession(gateway.url, gateway.secret);
  const call = post(gateway.url, buildLegacyCall('hang', {}, 'mine'), session);
  await expect.poll(() => gateway.upstream.calls.length).toBe(1);
  const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'mine' } };
  expect((await post(gateway.url, cancelled, session)).status).toBe(202);
  await gateway.upstream.aborted;
  expect((await call).status).toBe(202);
  expect(await gateway.journal.waitForRecord(0)).toMatchObject({ outcome: 'failed', reasonCode: 'cancelled' });
});

test('T-28: a held credential is taken out of results, log messages, questions and errors', async () => {
  const gateway = await startGatewayTo('legacy', 'env:ORDERS_TOKEN');
  const { client, asked, logged } = await connectFullV1(gateway.url, gateway.secret);
  const result = await client.callTool({ name: 'leak', arguments: {} });
  const seen = JSON.stringify([result, asked, logged]);
  expect([asked.length, logged.length]).toEqual([1, 1]);
  expect(seen).not.toContain(SECRET);
  expect(seen.match(/\[redacted:credential\]/g)).toHaveLength(3);
});

test('T-59: a modern client cannot be sent a request, and is asked in a result only what it declared', async () => {
  const gateway = await startGatewayTo('legacy', 'env:ORDERS_TOKEN');
  const client = await connectV2(gateway.url, gateway.secret, { pin: '2026-07-28' });
  await expect(client.callTool({ name: 'leak', arguments: {} })).rejects.toThrow();
});
