import { expect, test } from 'vitest';

import { makeProfile, makeTool } from '@gatehouse/policy/testing/build';

import { startGateway } from '../support/agent/gateway.ts';
import {
  buildAuthorization,
  buildLegacyCall,
  parseMessages,
  postModern,
  openSession,
  post,
  type ModernRequest,
} from '../support/clients/clients.ts';
import { makeFullProfile, startFullLegacyServer, startFullModernServer } from '../support/servers/full-servers.ts';
import { ECHO, makeEchoSet, makeServerAt, startModernUpstream } from '../support/servers/upstreams.ts';

const SERVERS = { legacy: startFullLegacyServer, modern: startFullModernServer };

async function startGatewayTo(era: keyof typeof SERVERS) {
  const upstream = await SERVERS[era]();
  const { server, profile } = makeFullProfile(upstream.url);
  const gateway = await startGateway({ servers: [server], profiles: [profile] });
  return { ...gateway, upstream, profile };
}

async function readRpc(response: Response): Promise<Record<string, unknown>> {
  const text = await response.text();
  return response.headers.get('content-type') === 'text/event-stream'
    ? parseMessages(text).at(-1)!
    : (JSON.parse(text) as Record<string, unknown>);
}

const buildRaise = (code: number) => ({ name: 'raise', arguments: { text: String(code) } });

for (const era of ['legacy', 'modern'] as const) {
  test(`an error of a ${era} server reaches clients of both eras as it is, with a receipt`, async () => {
    const gateway = await startGatewayTo(era);
    const session = await openSession(gateway.url, gateway.secret);
    for (const code of [-32050, -32602, -32603, 4711]) {
      const { name, arguments: args } = buildRaise(code);
      const expected = { error: { code, data: { why: 'it was asked to' }, message: expect.stringContaining('it was raised') } };
      const old = await post(gateway.url, buildLegacyCall(name, args), session);
      expect([old.status, await readRpc(old)]).toMatchObject([200, expected]);
      const modern = await postModern(gateway.url, gateway.secret, { method: 'tools/call', params: buildRaise(code) });
      expect([modern.status, await readRpc(modern)]).toMatchObject([200, expected]);
    }
    for (const record of gateway.journal.finished) {
      expect(record).toMatchObject({ outcome: 'failed', reasonCode: 'upstream_protocol', name: 'raise', result: null });
    }
    expect(gateway.journal.finished).toHaveLength(8);
  });

  test(`what a ${era} server says to its neighbour stays with the agent`, async () => {
    const gateway = await startGatewayTo(era);
    const session = await openSession(gateway.url, gateway.secret);
    for (const code of [-32020, -32022]) {
      const { name, arguments: args } = buildRaise(code);
      for (const answer of [
        await readRpc(await post(gateway.url, buildLegacyCall(name, args), session)),
        await readRpc(await postModern(gateway.url, gateway.secret, { method: 'tools/call', params: buildRaise(code) })),
      ]) {
        expect(answer).toMatchObject({
          result: { isError: true, content: [{ text: expect.stringContaining('refused the way') }] },
        });
      }
    }
    // codes that the newer protocol does not have, so only a server of the older one can use them
    if (era === 'modern') return;
    for (const [code, seen] of [
      [-32002, -32602],
      [-32042, -32603],
    ] as const) {
      const params = buildRaise(code);
      expect(await readRpc(await post(gateway.url, buildLegacyCall(params.name, params.arguments), session))).toMatchObject({
        error: { code },
      });
      const modern = await postModern(gateway.url, gateway.secret, { method: 'tools/call', params });
      expect(await readRpc(modern)).toMatchObject({ error: { code: seen, data: { why: 'it was asked to' } } });
    }
  });
}

test('a missing ability of the client is the client’s error; one that it has and the agent did not pass on is not', async () => {
  const gateway = await startGatewayTo('modern');
  const call = (capabilities: ModernRequest['capabilities']) =>
    postModern(gateway.url, gateway.secret, { method: 'tools/call', params: buildRaise(-32021), capabilities });
  const without = await call({});
  expect([without.status, await readRpc(without)]).toMatchObject([
    400,
    { id: 1, error: { code: -32021, data: { requiredCapabilities: { sampling: {} } } } },
  ]);
  const having = await call({ sampling: {} });
  expect([having.status, await readRpc(having)]).toMatchObject([200, { result: { isError: true } }]);
  const session = await openSession(gateway.url, gateway.secret);
  const old = await readRpc(await post(gateway.url, buildLegacyCall('raise', { text: '-32021' }), session));
  expect(old).toMatchObject({ result: { isError: true, content: [{ text: expect.stringContaining('sampling') }] } });
});

test('a prompt or resource that the profile has not is unknown, leaves a fingerprint, and no server is asked', async () => {
  const gateway = await startGatewayTo('modern');
  const session = await openSession(gateway.url, gateway.secret);
  const asked: [string, Record<string, unknown>, number, number][] = [
    ['prompts/get', { name: 'greet' }, -32602, -32602],
    ['resources/read', { uri: 'file:///etc/passwd' }, -32002, -32602],
    ['resources/read', { uri: 'memo://a/../../b' }, -32002, -32602],
  ];
  for (const [method, params, legacy, modern] of asked) {
    const old = await post(gateway.url, { jsonrpc: '2.0', id: 1, method, params }, session);
    expect(await readRpc(old)).toMatchObject({ error: { code: legacy } });
    const answer = await postModern(gateway.url, gateway.secret, { method, params });
    expect([answer.status, await readRpc(answer)]).toMatchObject([200, { error: { code: modern } }]);
  }
  for (const [index, record] of gateway.journal.finished.entries()) {
    const [method, params] = asked[Math.floor(index / 2)]!;
    expect(record).toMatchObject({ method, outcome: 'denied', name: null, advertisedName: null, serverId: null });
    expect(record.unknownName).toBe(params['uri'] ?? params['name']);
    expect(record.reasonCode).toBe(method === 'prompts/get' ? 'prompt_unknown' : 'resource_unknown');
  }
  expect(gateway.journal.finished).toHaveLength(6);
  expect(gateway.upstream.calls).toEqual([]);
});

test('a resource that its server has not is an error in the words of the client’s protocol', async () => {
  for (const era of ['legacy', 'modern'] as const) {
    const gateway = await startGatewayTo(era);
    const read = { method: 'resources/read', params: { uri: 'memo://gone' } };
    const answer = await postModern(gateway.url, gateway.secret, read);
    expect(await readRpc(answer)).toMatchObject({ error: { code: -32602, data: { uri: 'memo://gone' } } });
    expect(await gateway.journal.waitForRecord(0)).toMatchObject({
      method: 'resources/read',
      name: 'memo://{id}',
      reasonCode: 'upstream_protocol',
    });
  }
});

test('malformed requests of every governed method are -32602 with a receipt that names the method', async () => {
  const gateway = await startGatewayTo('modern');
  const session = await openSession(gateway.url, gateway.secret);
  const malformed: [string, Record<string, unknown>][] = [
    ['prompts/get', {}],
    ['prompts/get', { name: 'hello', arguments: { who: 5 } }],
    ['resources/read', {}],
    ['resources/read', { uri: 7 }],
    ['tools/call', { name: 'work', inputResponses: [] }],
    ['tools/call', { name: 'work', requestState: 5 }],
  ];
  for (const [method, params] of malformed) {
    expect(await readRpc(await post(gateway.url, { jsonrpc: '2.0', id: 2, method, params }, session))).toMatchObject({
      error: { code: -32602 },
    });
    expect(await readRpc(await postModern(gateway.url, gateway.secret, { method, params }))).toMatchObject({
      error: { code: -32602 },
    });
  }
  const expected = malformed.flatMap(([method]) => [method, method]);
  expect(gateway.journal.finished.map(({ method }) => method)).toEqual(expected);
  expect(new Set(gateway.journal.finished.map(({ reasonCode }) => reasonCode))).toEqual(new Set(['request_malformed']));
});

test('a receipt names the method that was asked, also where version, body or key were refused', async () => {
  const gateway = await startGatewayTo('modern');
  const session = await openSession(gateway.url, gateway.secret);
  const prompt = { jsonrpc: '2.0', id: 2, method: 'prompts/get', params: { name: 'hello' } };
  await post(gateway.url, prompt, { ...session, 'mcp-protocol-version': '2020-01-01' });
  await post(gateway.url, '{"jsonrpc":', { ...buildAuthorization(gateway.secret), 'mcp-method': 'resources/read' });
  await post(gateway.url, prompt, { 'mcp-method': 'prompts/get' });
  expect(gateway.journal.finished).toMatchObject([
    { method: 'prompts/get', reasonCode: 'request_malformed' },
    { method: 'resources/read', reasonCode: 'request_malformed' },
    { method: 'prompts/get', reasonCode: 'identity_missing' },
  ]);
});

test('a refused tools/list is recorded as what it is known to be: by its headers in the newer protocol, as no method in the older', async () => {
  const gateway = await startGatewayTo('modern');
  const list = { jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} };
  const modern = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' };
  for (const headers of [modern, { 'mcp-protocol-version': '2025-11-25' }]) {
    await post(gateway.url, list, headers);
    await post(gateway.url, '{"jsonrpc":', { ...buildAuthorization(gateway.secret), ...headers });
  }
  await post(gateway.url, list, { ...modern, 'mcp-method': 'secret-of-the-customer' });
  expect(gateway.journal.finished.map(({ method, reasonCode }) => [method, reasonCode])).toEqual([
    ['tools/list', 'identity_missing'],
    ['tools/list', 'request_malformed'],
    [null, 'identity_missing'],
    [null, 'request_malformed'],
    [null, 'identity_missing'],
  ]);
});

test('a refused call says which client made it, as far as its body or its session tell', async () => {
  const gateway = await startGatewayTo('modern');
  const session = await openSession(gateway.url, gateway.secret);
  const prompt = { jsonrpc: '2.0', id: 2, method: 'prompts/get', params: { name: 'hello' } };
  await post(gateway.url, prompt, { ...session, 'mcp-protocol-version': '2020-01-01' });
  const clientInfo = { name: 'modern-client', version: '7' };
  const known = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientInfo': clientInfo };
  for (const meta of [{ ...known, 'io.modelcontextprotocol/clientCapabilities': {} }, known]) {
    await post(gateway.url, { ...prompt, params: { ...prompt.params, _meta: meta } }, buildAuthorization(gateway.secret));
  }
  const modern = { clientName: 'modern-client', clientVersion: '7', protocolVersion: '2026-07-28', sessionId: null };
  expect(gateway.journal.finished).toMatchObject([
    { clientName: expect.any(String), sessionId: expect.any(String), reasonCode: 'request_malformed' },
    { ...modern, reasonCode: 'request_malformed' },
    { ...modern, reasonCode: 'request_malformed' },
  ]);
});

test.each([
  ['no _meta', undefined],
  ['no version', { 'io.modelcontextprotocol/clientCapabilities': {} }],
  ['no capabilities', { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' }],
  [
    'capabilities that are none',
    { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': [] },
  ],
  [
    'a client without a version',
    {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': { name: 'x' },
    },
  ],
])('a modern request with %s is 400 and -32602', async (_, meta) => {
  const gateway = await startGatewayTo('modern');
  for (const method of ['server/discover', 'tools/list', 'tools/call']) {
    const body = { jsonrpc: '2.0', id: 9, method, params: { ...(meta && { _meta: meta }), name: 'work' } };
    const headers = {
      authorization: `Bearer ${gateway.secret}`,
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      'mcp-name': 'work',
    };
    const response = await post(gateway.url, body, headers);
    expect([response.status, await readRpc(response)]).toMatchObject([400, { id: 9, error: { code: -32602 } }]);
  }
  expect(gateway.journal.finished).toMatchObject([{ reasonCode: 'request_malformed' }]);
});

test('methods that the newer protocol does not have are 404 there, and so is what the profile does not offer', async () => {
  const { url } = await startModernUpstream(makeEchoSet());
  const server = makeServerAt(url);
  const gateway = await startGateway({ servers: [server], profiles: [makeProfile([makeTool(server, ECHO)])] });
  const removed = ['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe', 'tasks/get', 'x'];
  const missing = ['prompts/list', 'resources/list', 'resources/templates/list', 'completion/complete'];
  for (const method of [...removed, ...missing]) {
    const response = await postModern(gateway.url, gateway.secret, { method, id: method });
    expect([method, response.status, await readRpc(response)]).toMatchObject([
      method,
      404,
      { id: method, error: { code: -32601 } },
    ]);
  }
  const discovered = await readRpc(await postModern(gateway.url, gateway.secret, { method: 'server/discover' }));
  expect(discovered).toMatchObject({
    result: {
      resultType: 'complete',
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: { listChanged: true } },
      ttlMs: 0,
      cacheScope: 'private',
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'gatehouse', version: '1.2.3' } },
    },
  });
  expect(Object.keys((discovered['result'] as { capabilities: object }).capabilities)).toEqual(['tools']);
  const session = await openSession(gateway.url, gateway.secret);
  for (const method of missing.slice(0, 3)) {
    const response = await post(gateway.url, { jsonrpc: '2.0', id: 1, method }, session);
    expect([response.status, await readRpc(response)]).toMatchObject([200, { error: { code: -32601 } }]);
  }
});

test('every list and content is private to the caller, whatever its server says', async () => {
  const gateway = await startGatewayTo('modern');
  for (const method of ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list']) {
    const answer = await readRpc(await postModern(gateway.url, gateway.secret, { method }));
    expect(answer).toMatchObject({ result: { resultType: 'complete', cacheScope: 'private', ttlMs: 0 } });
    const paged = await readRpc(await postModern(gateway.url, gateway.secret, { method, params: { cursor: 'x' } }));
    expect(paged).toMatchObject({ error: { code: -32602 } });
  }
  const read = await readRpc(
    await postModern(gateway.url, gateway.secret, { method: 'resources/read', params: { uri: 'memo://1' } }),
  );
  expect(read).toMatchObject({ result: { cacheScope: 'private', ttlMs: 5_000 } });
});

test('T-13: lists, completions and subscriptions end with the lease, as calls do', async () => {
  const gateway = await startGatewayTo('modern');
  const session = await openSession(gateway.url, gateway.secret);
  gateway.publish({}, { notAfter: '2020-01-01T00:00:00.000Z' });
  const ref = { ref: { type: 'ref/prompt', name: 'hello' }, argument: { name: 'who', value: 'x' } };
  const asked: [string, Record<string, unknown>][] = [
    ['tools/list', {}],
    ['prompts/list', {}],
    ['resources/list', {}],
    ['resources/templates/list', {}],
    ['completion/complete', ref],
    ['prompts/get', { name: 'hello' }],
    ['resources/read', { uri: 'memo://one' }],
  ];
  for (const [method, params] of asked) {
    const ended = { error: { code: -32603, message: expect.stringContaining('was not renewed') } };
    expect(await readRpc(await post(gateway.url, { jsonrpc: '2.0', id: 1, method, params }, session))).toMatchObject(ended);
    expect(await readRpc(await postModern(gateway.url, gateway.secret, { method, params }))).toMatchObject(ended);
  }
  const listen = { method: 'subscriptions/listen', params: { notifications: { toolsListChanged: true } } };
  expect(await readRpc(await postModern(gateway.url, gateway.secret, listen))).toMatchObject({ error: { code: -32603 } });
  expect(gateway.upstream.calls).toEqual([]);
});

test('a version that nobody speaks is refused with those that are spoken', async () => {
  const gateway = await startGatewayTo('modern');
  const headers = { authorization: `Bearer ${gateway.secret}`, 'mcp-protocol-version': '1999-01-01' };
  const session = await openSession(gateway.url, gateway.secret);
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
  const response = await post(gateway.url, body, { ...session, ...headers });
  expect([response.status, await readRpc(response)]).toMatchObject([
    400,
    {
      error: { code: -32022, data: { supported: expect.arrayContaining(['2026-07-28', '2025-11-25']), requested: '1999-01-01' } },
    },
  ]);
});
