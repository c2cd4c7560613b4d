import { connect } from 'node:net';

import { expect, test } from 'vitest';

import { makeProfile, makeTool } from '@gatehouse/policy/testing/build';

import { startGateway } from '../support/agent/gateway.ts';
import {
  buildAuthorization,
  buildLegacyCall,
  buildModernCall,
  buildModernHeaders,
  openSession,
  post,
} from '../support/clients/clients.ts';
import { parseStatus, sendRaw } from '../support/clients/raw-client.ts';
import { ECHO, makeEchoSet, makeServerAt, startModernUpstream } from '../support/servers/upstreams.ts';

const REGIONAL = {
  ...ECHO,
  name: 'regional',
  inputSchema: {
    type: 'object' as const,
    properties: { region: { type: 'string', 'x-mcp-header': 'Region' }, count: { type: 'integer', 'x-mcp-header': 'Count' } },
  },
};

async function startEchoGateway() {
  const calls: unknown[] = [];
  const set = { ...makeEchoSet(), tools: [ECHO, REGIONAL] };
  const upstream = await startModernUpstream({
    tools: set.tools,
    call: (name, args, signal) => {
      calls.push(args);
      return set.call(name, args, signal);
    },
  });
  const server = makeServerAt(upstream.url);
  const profile = makeProfile(set.tools.map((tool) => makeTool(server, { ...tool })));
  const gateway = await startGateway({ servers: [server], profiles: [profile] });
  return { ...gateway, upstream, calls, key: buildAuthorization(gateway.secret) };
}

const good = buildModernCall('echo', { text: 'x' });
const buildRaw = (args: string) => JSON.stringify(buildModernCall('echo', '@')).replace('"@"', args);

test.each<[name: string, body: string, status: number, code: number, headers?: Record<string, string>]>([
  ['no JSON', '{"jsonrpc":', 400, -32700],
  ['an empty body', '', 400, -32700],
  ['a batch', JSON.stringify([good]), 400, -32600],
  ['a batch of the older protocol', JSON.stringify([buildLegacyCall('echo', {})]), 400, -32600],
  ['an empty batch', '[]', 400, -32600],
  ['a plain value', '"text"', 400, -32600],
  ['another version of JSON-RPC', JSON.stringify({ ...good, jsonrpc: '1.0' }), 400, -32600],
  ['no id but null', JSON.stringify({ ...good, id: null }), 400, -32600],
  ['a fractional id', JSON.stringify({ ...good, id: 1.5 }), 400, -32600],
  ['an object as id', JSON.stringify({ ...good, id: {} }), 400, -32600],
  ['T-46: the same key twice', buildRaw('{"text":"/safe","text":"/etc/shadow"}'), 400, -32600],
  ['T-46: the same key twice, once escaped', buildRaw('{"text":"/safe","\\u0074ext":"/etc/shadow"}'), 400, -32600],
  ['T-46: a prototype', buildRaw('{"text":"x","__proto__":{"polluted":1}}'), 400, -32600],
  ['a number of 4 MB with an exponent of 4 MB', buildRaw(`{"text":"x","n":1e${'9'.repeat(4_000_000)}}`), 400, -32600],
  ['a number of 4 MB with zeros inside', buildRaw(`{"text":"x","n":1${'0'.repeat(4_000_000)}1}`), 400, -32600],
  ['T-46: a number that nobody can calculate with', buildRaw('{"text":"x","n":1e99999}'), 400, -32600],
  ['T-46: half a character', buildRaw('{"text":"\\ud800"}'), 400, -32600],
  ['T-46: 65 levels', buildRaw(`{"text":${'['.repeat(65)}${']'.repeat(65)}}`), 400, -32600],
  ['10,000 levels', '['.repeat(10_000), 400, -32700],
  ['another type', JSON.stringify(good), 415, -32000, { 'content-type': 'text/plain' }],
  ['compression', JSON.stringify(good), 415, -32000, { 'content-encoding': 'gzip' }],
  ['a client that wants no JSON', JSON.stringify(good), 406, -32000, { accept: 'text/html' }],
])('%s is refused with a receipt, and nothing is sent on', async (_, body, status, code, extra = {}) => {
  const gateway = await startEchoGateway();
  const response = await post(gateway.url, body, { ...gateway.key, ...buildModernHeaders('echo'), ...extra });
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ jsonrpc: '2.0', error: { code, message: expect.any(String) } });
  expect(gateway.journal.finished).toMatchObject([{ outcome: 'denied', reasonCode: 'request_malformed', advertisedName: null }]);
  expect(gateway.calls).toEqual([]);
  expect(Reflect.get({}, 'polluted')).toBeUndefined();
});

test('bytes that are no UTF-8 are refused', async () => {
  const gateway = await startEchoGateway();
  for (const bytes of [
    Buffer.from([0x22, 0xff, 0x22]),
    Buffer.from([0xc0, 0xaf]),
    Buffer.from('\ufeff{}'),
    Buffer.from('\ufeff{}', 'utf16le'),
  ]) {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { ...gateway.key, 'content-type': 'application/json', accept: 'application/json' },
      body: bytes,
    });
    expect(await response.json()).toMatchObject({ error: { code: -32700 } });
  }
});

test.each([
  ['no name', {}],
  ['a number as name', { name: 5 }],
  ['an empty name', { name: '' }],
  ['arguments that are a list', { name: 'echo', arguments: [1] }],
])('a tools/call with %s is -32602 in both eras', async (_, params) => {
  const gateway = await startEchoGateway();
  const session = await openSession(gateway.url, gateway.secret);
  const old = await post(gateway.url, { jsonrpc: '2.0', id: 3, method: 'tools/call', params }, session);
  expect(await old.json()).toMatchObject({ id: 3, error: { code: -32602 } });
  const { _meta } = good.params;
  const modern = { jsonrpc: '2.0', id: 4, method: 'tools/call', params: { ...params, _meta } };
  const name = 'name' in params && typeof params.name === 'string' ? params.name : 'echo';
  expect(await (await post(gateway.url, modern, { ...gateway.key, ...buildModernHeaders(name) })).json()).toMatchObject({
    id: 4,
    error: { code: -32602 },
  });
  expect(gateway.journal.finished.map(({ reasonCode }) => reasonCode)).toEqual(['request_malformed', 'request_malformed']);
});

test.each([
  ['another method', { 'mcp-method': 'tools/list' }, -32020],
  ['no method', { 'mcp-method': undefined }, -32020],
  ['another name', { 'mcp-name': 'read' }, -32020],
  ['the name in other case', { 'mcp-name': 'Echo' }, -32020],
  ['no name', { 'mcp-name': undefined }, -32020],
  ['the name twice', { 'mcp-name': 'echo, echo' }, -32020],
  ['a name that is not encoded correctly', { 'mcp-name': '=?base64?@@?=' }, -32020],
  ['another version', { 'mcp-protocol-version': '2025-11-25' }, -32020],
  ['no version', { 'mcp-protocol-version': undefined }, -32020],
])('T-45: a header that says %s than the body is refused', async (_, change, code) => {
  const gateway = await startEchoGateway();
  const headers = Object.fromEntries(
    Object.entries({ ...buildModernHeaders('echo'), ...change }).filter((entry) => entry[1] !== undefined),
  );
  const response = await post(gateway.url, good, { ...gateway.key, ...headers });
  expect([response.status, await response.json()]).toMatchObject([400, { id: 1, error: { code } }]);
  expect(gateway.journal.finished).toMatchObject([{ reasonCode: 'request_malformed' }]);
  expect(gateway.calls).toEqual([]);
});

test('T-45: arguments that are mirrored into headers have to be equal there, and are mirrored again on the way up', async () => {
  const gateway = await startEchoGateway();
  const send = (args: object, headers: Record<string, string>) =>
    post(gateway.url, buildModernCall('regional', args), { ...gateway.key, ...buildModernHeaders('regional'), ...headers });
  const sentinel = (text: string) => `=?base64?${Buffer.from(text).toString('base64')}?=`;
  const bad: [object, Record<string, string>][] = [
    [{ region: 'eu' }, {}],
    [{ region: 'eu' }, { 'mcp-param-region': 'us' }],
    [{ region: 'eu' }, { 'mcp-param-region': 'EU' }],
    [{ region: 'eu' }, { 'mcp-param-region': 'eu, eu' }],
    [{ region: 'eu' }, { 'mcp-param-region': '=?base64?***?=' }],
    [{}, { 'mcp-param-region': 'eu' }],
    [{ count: 1 }, { 'mcp-param-count': '' }],
  ];
  for (const [args, headers] of bad) expect(await (await send(args, headers)).json()).toMatchObject({ error: { code: -32020 } });
  expect(gateway.calls).toEqual([]);
  const fine = await send({ region: 'Zürich', count: 7 }, { 'Mcp-Param-Region': sentinel('Zürich'), 'mcp-param-count': '7.0' });
  expect(fine.status).toBe(200);
  expect(gateway.upstream.seen.at(-1)).toMatchObject({
    'mcp-param-region': sentinel('Zürich'),
    'mcp-param-count': '7',
    'mcp-name': 'regional',
  });
});

test('versions and methods that do not exist have their own errors', async () => {
  const gateway = await startEchoGateway();
  const future = structuredClone(good);
  future.params._meta['io.modelcontextprotocol/protocolVersion'] = '2030-01-01';
  const headers = { ...gateway.key, ...buildModernHeaders('echo') };
  const unsupported = await post(gateway.url, future, { ...headers, 'mcp-protocol-version': '2030-01-01' });
  expect([unsupported.status, await unsupported.json()]).toMatchObject([
    400,
    { id: 1, error: { code: -32022, data: { supported: ['2026-07-28'], requested: '2030-01-01' } } },
  ]);
  const unknown = await post(gateway.url, { ...good, method: 'tools/invent' }, { ...headers, 'mcp-method': 'tools/invent' });
  expect([unknown.status, await unknown.json()]).toMatchObject([404, { error: { code: -32601 } }]);
  const session = await openSession(gateway.url, gateway.secret);
  const old = await post(gateway.url, { jsonrpc: '2.0', id: 9, method: 'tools/invent' }, session);
  expect([old.status, await old.text()]).toMatchObject([200, expect.stringContaining('-32601')]);
  const wrong = await post(gateway.url, buildLegacyCall('echo', {}), { ...session, 'mcp-protocol-version': '1999-01-01' });
  expect(wrong.status).toBe(400);
});

test('a body of 20 MB gets a clear answer without being kept', async () => {
  const gateway = await startEchoGateway();
  const before = process.memoryUsage().arrayBuffers;
  const body = JSON.stringify(buildModernCall('echo', { text: 'x'.repeat(20 * 1024 * 1024) }));
  const response = await post(gateway.url, body, { ...gateway.key, ...buildModernHeaders('echo') });
  expect([response.status, await response.json()]).toMatchObject([413, { error: { message: 'The body is larger than 4 MB.' } }]);
  expect(gateway.journal.finished).toMatchObject([{ outcome: 'denied', reasonCode: 'request_too_large' }]);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(60 * 1024 * 1024);
  expect((await post(gateway.url, good, { ...gateway.key, ...buildModernHeaders('echo') })).status).toBe(200);
});

test('a body without end is cut off at its bound', async () => {
  const gateway = await startEchoGateway();
  const { port } = new URL(gateway.url);
  const socket = connect(Number(port), '127.0.0.1');
  const answer = new Promise<string>((resolve, reject) => {
    let text = '';
    socket.on('data', (data) => (text += data.toString('utf8')));
    socket.once('close', () => resolve(text));
    socket.once('error', reject);
  });
  const headers = [
    `Host: 127.0.0.1:${port}`,
    `Authorization: Bearer ${gateway.secret}`,
    'Content-Type: application/json',
    'Accept: application/json',
  ];
  socket.write(
    `POST /p/support/mcp HTTP/1.1\r\n${headers.join('\r\n')}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n`,
  );
  const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
  for (let sent = 0; sent < 80; sent += 1) socket.write(chunk);
  socket.write('0\r\n\r\n');
  expect(await answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(gateway.journal.finished).toMatchObject([{ reasonCode: 'request_too_large' }]);
});

test('a request line may name the whole address, of the host that Host names, and Allow names every method', async () => {
  const gateway = await startEchoGateway();
  const { host } = new URL(gateway.url);
  const body = JSON.stringify(buildModernCall('echo', { text: 'whole' }));
  const send = (method: string, address: string) => {
    const headers = [
      `Host: ${host}`,
      `Authorization: Bearer ${gateway.secret}`,
      'Content-Type: application/json',
      'Accept: application/json',
      `Content-Length: ${body.length}`,
      'Connection: close',
      ...Object.entries(buildModernHeaders('echo')).map(([name, value]) => `${name}: ${value}`),
    ];
    return sendRaw(gateway.url, `${method} ${address} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${body}`);
  };
  expect(await send('POST', gateway.url)).toContain('"text":"whole"');
  for (const [address, status] of [
    [gateway.url.replace(host, 'elsewhere.example'), 400],
    [`http://${host}`, 404],
    [`http://${host}/other`, 404],
  ] as const)
    expect(parseStatus(await send('POST', address)), address).toBe(status);
  expect(await send('PUT', gateway.url)).toMatch(/^HTTP\/1\.1 405 [^]*allow: GET, POST, DELETE\r\n/i);
});

test('a request with two lengths is refused and its connection closed', async () => {
  const gateway = await startEchoGateway();
  const { port } = new URL(gateway.url);
  const socket = connect(Number(port), '127.0.0.1');
  const answer = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (data) => (text += data.toString('utf8')));
    socket.once('close', () => resolve(text));
  });
  socket.write(
    `POST /p/support/mcp HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /`,
  );
  expect(await answer).toMatch(/^HTTP\/1\.1 400 /);
});
