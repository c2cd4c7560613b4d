import type { IncomingHttpHeaders } from 'node:http';

import { expect, test } from 'vitest';

import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import type { JsonObject } from '@gatehouse/policy/documents/json';

import type { ServerMessage } from '../../src/wire/json-rpc.ts';
import { ECHO, readText, makeServerAt, startHttp } from '../support/servers/upstreams.ts';
import { openEvents, sendJson } from './handmade.ts';
import { makeCall, makeClient, never, startPool, readAnswerText } from './harness.ts';

const PREFIX = 'io.modelcontextprotocol/';

interface Seen {
  method: string;
  params: JsonObject & { _meta: JsonObject };
  headers: IncomingHttpHeaders;
}

type Handler = (seen: Seen, write: (message: object) => void, end: (status: number, body: object) => void, id: unknown) => void;

/** A server of 2026-07-28 written by hand. `handlers` answer what discovery and listing do not. */
async function startModernByHand(
  handlers: Record<string, Handler>,
  tools: ToolDefinition[] = [ECHO],
  capabilities: object = { tools: {} },
) {
  const seen: Seen[] = [];
  const server = await startHttp(async (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const { id, method, params } = JSON.parse(await readText(request));
    const entry = { method, params, headers: request.headers };
    seen.push(entry);
    const handler = handlers[method];
    const reply = (result: object) => sendJson(response, { jsonrpc: '2.0', id, result: { resultType: 'complete', ...result } });
    if (handler) {
      let write: ((message: object) => void) | null = null;
      const end = (status: number, body: object) => void sendJson(response, { jsonrpc: '2.0', id, ...body }, status);
      return handler(entry, (message) => (write ??= openEvents(response))(message), end, id);
    }
    if (method === 'server/discover') {
      const meta = { [`${PREFIX}serverInfo`]: { name: 'by-hand', version: '3' } };
      return void reply({
        supportedVersions: ['2026-07-28'],
        capabilities,
        instructions: 'be kind',
        ttlMs: 0,
        cacheScope: 'private',
        _meta: meta,
      });
    }
    if (method === 'tools/list') return void reply({ tools, ttlMs: 0, cacheScope: 'private' });
    if (method === 'tools/call') return void reply({ content: [{ type: 'text', text: 'ok' }] });
    sendJson(response, { jsonrpc: '2.0', id, error: { code: -32601, message: 'unknown' } }, 404);
  });
  return { ...server, seen: seen, findLast: (method: string) => seen.findLast((each) => each.method === method) };
}

test('every request says for whom it is, in body and headers, and keeps what else the caller said', async () => {
  const odd: ToolDefinition = {
    name: 'odd.näme'.replace('ä', 'a'),
    inputSchema: { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' }, n: { type: 'integer' } } },
  };
  const upstream = await startModernByHand({}, [odd]);
  const server = makeServerAt(upstream.url);
  const { pool } = startPool([server]);
  const extensions = { 'io.modelcontextprotocol/tasks': {}, 'example.com/x': {} };
  const a = makeClient('a', { sampling: {}, extensions }, 'debug');
  const b = makeClient('b');
  const meta = { progressToken: 7, traceparent: '00-1', 'example.com/own': { a: 1 } };
  for (const client of [a, b]) {
    const conversation = await pool.requireUpstream(server).open(client, never);
    expect(conversation).toMatchObject({ era: 'modern', capabilities: { tools: {} } });
    await conversation.callTool(makeCall(odd, { region: 'Zürich', n: 1 }, { meta }));
  }
  const [first, second] = upstream.seen.filter(({ method }) => method === 'tools/call');
  expect(first?.params).toEqual({
    name: odd.name,
    arguments: { region: 'Zürich', n: 1 },
    _meta: {
      ...meta,
      [`${PREFIX}protocolVersion`]: '2026-07-28',
      [`${PREFIX}clientCapabilities`]: { sampling: {}, extensions: { 'example.com/x': {} } },
      [`${PREFIX}clientInfo`]: { name: 'a', version: '1' },
      [`${PREFIX}logLevel`]: 'debug',
    },
  });
  expect(first?.headers).toMatchObject({
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': odd.name,
    'mcp-param-region': `=?base64?${Buffer.from('Zürich').toString('base64')}?=`,
  });
  expect(first?.headers).not.toHaveProperty('mcp-session-id');
  expect(second?.params._meta).toEqual({
    ...meta,
    [`${PREFIX}protocolVersion`]: '2026-07-28',
    [`${PREFIX}clientCapabilities`]: {},
    [`${PREFIX}clientInfo`]: { name: 'b', version: '1' },
  });
});

test('answers to an input_required result go out with the repeated call, and the result comes back as it is', async () => {
  const asked = {
    resultType: 'input_required',
    inputRequests: { q: { method: 'elicitation/create', params: {} } },
    requestState: 'opaque"\\u0000',
  };
  const upstream = await startModernByHand({
    'tools/call': ({ params }, _write, end) =>
      end(200, {
        result:
          params['requestState'] === undefined ? asked : { resultType: 'complete', content: [], got: params['inputResponses'] },
      }),
  });
  const server = makeServerAt(upstream.url);
  const conversation = await startPool([server])
    .pool.requireUpstream(server)
    .open(makeClient('a', { elicitation: {} }), never);
  expect(await conversation.callTool(makeCall(ECHO, { text: 'x' }))).toEqual({ result: asked });
  const retry = { inputResponses: { q: { action: 'accept', content: {} } }, requestState: asked.requestState };
  const answer = await conversation.callTool(makeCall(ECHO, { text: 'x' }, { retry }));
  expect(answer).toMatchObject({ result: { got: retry.inputResponses } });
  expect(upstream.findLast('tools/call')?.params['requestState']).toBe(asked.requestState);
});

test('log messages and progress come with their own call; a question on a stream is not passed on', async () => {
  const upstream = await startModernByHand({
    'tools/call': ({ params }, write, _end, id) => {
      const { text } = params['arguments'] as { text: string };
      write({ method: 'notifications/progress', params: { progressToken: 1, progress: 1, message: text } });
      write({ method: 'elicitation/create', id: 'q1', params: {} });
      write({ id, result: { content: [{ type: 'text', text }] } });
    },
  });
  const server = makeServerAt(upstream.url);
  const { pool } = startPool([server]);
  const heard: ServerMessage[][] = [];
  const call = async (index: number) => {
    const own: ServerMessage[] = (heard[index] = []);
    const conversation = await pool.requireUpstream(server).open(makeClient(`client ${index}`), never);
    const meta = { progressToken: 1 };
    return readAnswerText(
      await conversation.callTool(
        makeCall(ECHO, { text: `canary ${index}` }, { meta, onMessage: (message) => own.push(message) }),
      ),
    );
  };
  const texts = await Promise.all(Array.from({ length: 50 }, (_, index) => call(index)));
  expect(texts).toEqual(texts.map((_, index) => `canary ${index}`));
  for (const [index, messages] of heard.entries()) {
    expect(messages).toEqual([
      { method: 'notifications/progress', params: { progressToken: 1, progress: 1, message: `canary ${index}` } },
    ]);
  }
});

test('a header mismatch makes the tools be listed again; an unchanged tool is called once more, a changed one is refused', async () => {
  let refusals = 1;
  const tools = [ECHO as ToolDefinition];
  const refused: Handler = (_seen, _write, end) => {
    if ((refusals -= 1) >= 0) return end(400, { error: { code: -32020, message: 'Header mismatch' } });
    end(200, { result: { content: [{ type: 'text', text: 'second time' }] } });
  };
  const upstream = await startModernByHand({ 'tools/call': refused }, tools);
  const server = makeServerAt(upstream.url);
  const conversation = await startPool([server]).pool.requireUpstream(server).open(makeClient('a'), never);
  expect(readAnswerText(await conversation.callTool(makeCall(ECHO, { text: 'x' })))).toBe('second time');
  const count = (method: string) => upstream.seen.filter((each) => each.method === method).length;
  expect([count('tools/list'), count('tools/call')]).toEqual([2, 2]);

  const other = await startModernByHand(
    { 'tools/call': (_seen, _write, end) => end(400, { error: { code: -32020, message: 'no' } }) },
    tools,
  );
  const second = makeServerAt(other.url);
  const changed = await startPool([second]).pool.requireUpstream(second).open(makeClient('a'), never);
  await expect.poll(() => other.findLast('tools/list')).toBeDefined();
  tools[0] = { ...ECHO, description: 'other' };
  // listed before the change: the pin still fits, so the server is asked
  const [outcome] = await Promise.allSettled([changed.callTool(makeCall(ECHO, { text: 'x' }))]);
  expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'tool_not_approved' } });
});

test('T-51: a change that is announced while a listing is under way makes a call wait for another one', async () => {
  let announce: ((message: object) => void) | null = null;
  let listings = 0;
  const client = makeClient('a');
  const hasHeard = () => client.heard.some(({ message }) => message.method === 'notifications/tools/list_changed');
  const upstream = await startModernByHand(
    {
      'subscriptions/listen': (_seen, write) => {
        write({ method: 'notifications/subscriptions/acknowledged', params: {} });
        announce = write;
      },
      'tools/list': (_seen, _write, end) => {
        listings += 1;
        const answer = () => end(200, { result: { tools: [listings > 2 ? { ...ECHO, description: 'other' } : ECHO] } });
        if (listings !== 2) return answer();
        announce?.({ method: 'notifications/tools/list_changed' });
        void expect.poll(hasHeard).toBe(true).then(answer);
      },
    },
    [],
    { tools: { listChanged: true } },
  );
  const server = makeServerAt(upstream.url);
  const clock = { ms: 0 };
  const conversation = await startPool([server], { readClock: () => clock.ms })
    .pool.requireUpstream(server)
    .open(client, never);
  expect(readAnswerText(await conversation.callTool(makeCall(ECHO, { text: 'x' })))).toBe('ok');
  await expect.poll(() => announce).not.toBeNull();
  clock.ms += 5_001;
  const call = conversation.callTool(makeCall(ECHO, { text: 'x' }, { freshness: 'write' }));
  await expect(call).rejects.toMatchObject({ code: 'tool_not_approved' });
  expect([listings, upstream.seen.filter(({ method }) => method === 'tools/call').length]).toEqual([3, 1]);
});

test('resources are subscribed to over one stream for all, and each client hears of its own', async () => {
  const listens: { notifications: unknown; write: (message: object) => void; id: unknown }[] = [];
  const upstream = await startModernByHand(
    {
      'subscriptions/listen': ({ params }, write, _end, id) => {
        listens.push({ notifications: params['notifications'], write, id });
        write({ method: 'notifications/subscriptions/acknowledged', params: { _meta: { [`${PREFIX}subscriptionId`]: id } } });
      },
    },
    [ECHO],
    { tools: {}, resources: { subscribe: true, listChanged: true } },
  );
  const server = makeServerAt(upstream.url);
  const { pool } = startPool([server]);
  const [a, b] = [makeClient('a'), makeClient('b')];
  const ask = async (client: typeof a, method: string, uri: string) =>
    (await pool.requireUpstream(server).open(client, never)).request({ method, params: { uri }, signal: never });
  expect(await ask(a, 'resources/subscribe', 'file:///a')).toEqual({ result: {} });
  expect(await ask(b, 'resources/subscribe', 'file:///b')).toEqual({ result: {} });
  expect(await ask(b, 'logging/setLevel', 'x')).toEqual({ result: {} });
  await expect
    .poll(() => listens.at(-1)?.notifications)
    .toEqual({ resourcesListChanged: true, resourceSubscriptions: ['file:///a', 'file:///b'] });
  const { write, id } = listens.at(-1)!;
  const updated = (uri: string) =>
    write({ method: 'notifications/resources/updated', params: { uri, _meta: { [`${PREFIX}subscriptionId`]: id, own: 1 } } });
  updated('file:///a');
  updated('file:///b');
  updated('file:///c');
  write({ method: 'notifications/resources/list_changed', params: {} });
  await expect.poll(() => a.heard.length).toBe(2);
  expect(a.heard.map(({ message }) => message)).toEqual([
    { method: 'notifications/resources/updated', params: { uri: 'file:///a', _meta: { own: 1 } } },
    { method: 'notifications/resources/list_changed', params: {} },
  ]);
  expect(b.heard[0]?.message.params).toMatchObject({ uri: 'file:///b' });
  pool.endClient('a');
  await expect
    .poll(() => listens.at(-1)?.notifications)
    .toEqual({ resourcesListChanged: true, resourceSubscriptions: ['file:///b'] });
});

test('a server that does not speak the newer protocol any more is asked again', async () => {
  let modern = true;
  const upstream = await startHttp(async (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const { id, method } = JSON.parse(await readText(request));
    if (id === undefined) return void response.writeHead(202).end();
    const reply = (result: object) => sendJson(response, { jsonrpc: '2.0', id, result });
    if (method === 'tools/list') return void reply({ tools: [ECHO] });
    if (modern && method === 'server/discover') return void reply({ supportedVersions: ['2026-07-28'], capabilities: {} });
    if (!modern && method === 'initialize') {
      return void reply({ protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 's', version: '1' } });
    }
    if (method === 'tools/call' && (modern || !request.headers['mcp-method']))
      return void reply({ content: [{ type: 'text', text: String(modern) }] });
    response.writeHead(400).end('bad request');
  });
  const server = makeServerAt(upstream.url);
  const { pool } = startPool([server]);
  const call = async () =>
    (await pool.requireUpstream(server).open(makeClient('a'), never)).callTool(makeCall(ECHO, { text: 'x' }));
  expect(readAnswerText(await call())).toBe('true');
  modern = false;
  await expect(call()).rejects.toMatchObject({ message: 'The server answered with HTTP 400.' });
  expect(readAnswerText(await call())).toBe('false');
  expect(pool.listHealth()).toMatchObject([{ protocolVersion: '2025-11-25', state: 'connected' }]);
});

test.each<[string, (id: unknown) => [number, object | null], RegExp]>([
  [
    'only a revision that is not known',
    () => [200, { result: { supportedVersions: ['2027-01-01'], capabilities: {} } }],
    /speaks MCP 2027-01-01/,
  ],
  ['401', () => [401, null], /HTTP 401/],
  ['403', () => [403, null], /HTTP 403/],
  ['502', () => [502, null], /HTTP 502/],
  ['500 with an error of its own', () => [500, { error: { code: -32603, message: 'x' } }], /HTTP 500|-32603/],
])('era: %s is no reason to ask for the older protocol', async (_, answer, message) => {
  const methods: string[] = [];
  const upstream = await startHttp(async (request, response) => {
    const { id, method } = JSON.parse(await readText(request));
    methods.push(method);
    const [status, body] = answer(id);
    if (body) sendJson(response, { jsonrpc: '2.0', id: status === 500 ? null : id, ...body }, status);
    else response.writeHead(status).end();
  });
  const server = makeServerAt(upstream.url);
  const { pool } = startPool([server]);
  await expect(pool.requireUpstream(server).open(makeClient('a'), never)).rejects.toMatchObject({
    message: expect.stringMatching(message),
  });
  expect(methods).toEqual(['server/discover']);
});
