import type { IncomingMessage } from 'node:http';

import { pino } from 'pino';
import { expect, test } from 'vitest';

import type { Credential } from '@gatehouse/policy/documents/snapshot';
import { makeProfile, makeTool } from '@gatehouse/policy/testing/build';

import { startGateway } from '../../support/agent/gateway.ts';
import { connectV1 } from '../../support/clients/clients.ts';
import { defineParameter, openRest, readTools } from '../../support/servers/rest.ts';
import { makeServerAt, readText, startHttp } from '../../support/servers/upstreams.ts';

const [KEY, TOKEN] = ['q key/with+signs&=9f31', 'token-of-the-other-header'];
const environment = { KEY, TOKEN };
const SEVERAL: Credential = {
  kind: 'several',
  credentials: [
    { kind: 'query', parameter: 'api_key', reference: 'env:KEY' },
    { kind: 'header', header: 'Authorization', prefix: 'Bearer ', reference: 'env:TOKEN' },
  ],
  headers: [{ name: 'X-Org', value: 'acme' }],
};
const FORMS = [KEY, encodeURIComponent(KEY), new URLSearchParams({ a: KEY }).toString().slice(2), TOKEN];
const ECHO = { name: 'echo', inputSchema: { type: 'object' as const } };

/** An MCP server of the older protocol that answers a call with the address and the headers that it was reached by. */
async function startRepeating() {
  const seen: { url: URL; headers: NodeJS.Dict<string | string[]> }[] = [];
  const http = await startHttp(async (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const url = new URL(request.url ?? '', 'http://upstream.example');
    seen.push({ url, headers: request.headers });
    const { id, method, params } = JSON.parse(await readText(request));
    const results: Record<string, object> = {
      initialize: {
        protocolVersion: params?.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: 'repeating', version: '1' },
      },
      'tools/list': { tools: [ECHO] },
      'tools/call': {
        content: [{ type: 'text', text: `${request.url} ${url.searchParams.toString()} ${JSON.stringify(request.headers)}` }],
      },
    };
    if (id === undefined) return void response.writeHead(202).end();
    const result = results[method];
    const body = result ? { result } : { error: { code: -32601, message: 'unknown' } };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, ...body }));
  });
  return { ...http, seen };
}

test('T-28: a parameter, a header and a fixed header go with every request, and a server that repeats them tells nobody', async () => {
  const upstream = await startRepeating();
  const at = makeServerAt(upstream.url);
  const server = {
    ...at,
    transport: { kind: 'http' as const, url: `${upstream.url}?tenant=a%2Fb&api_key=old`, credential: SEVERAL },
  };
  const gateway = await startGateway({
    servers: [server],
    profiles: [makeProfile([makeTool(server, ECHO)])],
    environment,
  });
  const client = await connectV1(gateway.url, gateway.secret);
  const result = await client.callTool({ name: 'echo' });
  const text = JSON.stringify(result);
  expect(text).toContain('acme');
  for (const form of FORMS) expect(text).not.toContain(form);
  expect(upstream.seen.length).toBeGreaterThan(2);
  for (const { url, headers } of upstream.seen) {
    expect(url.searchParams.getAll('api_key')).toEqual([KEY]);
    expect(url.search).toContain('tenant=a%2Fb&');
    expect(headers).toMatchObject({ authorization: `Bearer ${TOKEN}`, 'x-org': 'acme' });
  }
  expect(await gateway.journal.waitForRecord(0)).toMatchObject({ reasonCode: 'ok', credential: 'env:KEY, env:TOKEN' });
});

test('T-21: each of several credentials has to be offered to the server, or nothing is sent', async () => {
  const upstream = await startRepeating();
  const { authorizer } = openRest(`http://127.0.0.1:${upstream.port}`, { credential: SEVERAL, environment: { KEY } });
  await expect(authorizer.authorize(`http://127.0.0.1:${upstream.port}`)).rejects.toThrow('env:TOKEN');
  expect(await authorizer.authorize('https://other.example')).toBeNull();
  expect(upstream.seen).toEqual([]);
});

const TWO = { KEY, TOKEN, PASSWORD: 'a pass:word of the site' };
const basic = Buffer.from(`gate:${TWO.PASSWORD}`).toString('base64');
/** What is asked for, and what has to arrive of it. */
const PLACES: [string, Credential, (request: { url: URL; headers: IncomingMessage['headers'] }) => unknown, unknown][] = [
  [
    'a header with a prefix',
    { kind: 'header', header: 'Authorization', prefix: 'Token token=', reference: 'env:TOKEN' },
    ({ headers }) => headers.authorization,
    `Token token=${TOKEN}`,
  ],
  [
    'a header with an underscore',
    { kind: 'header', header: 'api_key', prefix: '', reference: 'env:TOKEN' },
    ({ headers }) => headers['api_key'],
    TOKEN,
  ],
  [
    'a cookie',
    { kind: 'header', header: 'Cookie', prefix: 'sid=', reference: 'env:TOKEN' },
    ({ headers }) => headers.cookie,
    `sid=${TOKEN}`,
  ],
  [
    'basic',
    { kind: 'basic', username: 'gate', reference: 'env:PASSWORD' },
    ({ headers }) => headers.authorization,
    `Basic ${basic}`,
  ],
  [
    'a parameter',
    { kind: 'query', parameter: 'api_key', reference: 'env:KEY' },
    ({ url }) => url.searchParams.getAll('api_key'),
    [KEY],
  ],
  [
    'two headers and a fixed one',
    {
      kind: 'several',
      credentials: [
        { kind: 'header', header: 'X-App-Key', prefix: '', reference: 'env:TOKEN' },
        { kind: 'basic', username: 'gate', reference: 'env:PASSWORD' },
      ],
      headers: [{ name: 'X-Org', value: 'acme' }],
    },
    ({ headers }) => [headers['x-app-key'], headers.authorization, headers['x-org']],
    [TOKEN, `Basic ${basic}`, 'acme'],
  ],
  [
    'fixed headers alone',
    {
      kind: 'several',
      credentials: [],
      headers: [
        { name: 'X-Org', value: 'acme' },
        { name: 'X-Empty', value: '' },
      ],
    },
    ({ headers }) => [headers['x-org'], headers['x-empty'], headers.authorization],
    ['acme', '', undefined],
  ],
];

test.each(PLACES)(
  'T-28: %s reaches the server with each request; nothing of it is answered or logged',
  async (_, credential, pick, expected) => {
    const upstream = await startRepeating();
    const at = makeServerAt(upstream.url);
    const server = { ...at, transport: { kind: 'http' as const, url: upstream.url, credential } };
    const logged: string[] = [];
    const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
    const gateway = await startGateway({
      servers: [server],
      profiles: [makeProfile([makeTool(server, ECHO)])],
      environment: TWO,
      log,
      listener: { log },
    });
    const client = await connectV1(gateway.url, gateway.secret);
    const answer = await client.callTool({ name: 'echo' });
    expect(upstream.seen.length).toBeGreaterThan(2);
    for (const request of upstream.seen) expect(pick(request)).toEqual(expected);
    // of a receipt, what the redaction makes of it is tested there
    const { credential: references } = await gateway.journal.waitForRecord(0);
    await upstream.close();
    const failed = await client.callTool({ name: 'echo' });
    expect(failed).toMatchObject({ isError: true });
    const told = JSON.stringify([answer, references, failed, logged, gateway.upstreams.listHealth()]);
    for (const value of [KEY, encodeURIComponent(KEY), TOKEN, TWO.PASSWORD, basic]) expect(told).not.toContain(value);
  },
);

test('T-21: a redirect to another origin takes no parameter along and is not followed; one within the origin keeps headers and asks once', async () => {
  const elsewhere = await startHttp((_request, response) => void response.writeHead(200).end());
  const targets: string[] = [];
  const upstream = await startHttp((request, response) => {
    targets.push(`${request.url} ${request.headers.authorization}`);
    const { pathname, search } = new URL(request.url ?? '', 'http://upstream.example');
    if (pathname === '/away/orders') response.writeHead(307, { location: `http://127.0.0.1:${elsewhere.port}/orders${search}` });
    else if (pathname === '/moved/orders') response.writeHead(307, { location: `/orders${search}` });
    else response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{}');
  });
  const [tool] = readTools({ '/orders': { get: { operationId: 'list', responses: { 200: { description: 'ok' } } } } }).values();
  if (!tool) throw new Error('no tool');
  const origin = `http://127.0.0.1:${upstream.port}`;
  const away = await openRest(`${origin}/away`, { credential: SEVERAL, environment }).call(tool, {}).catch(String);
  expect(JSON.stringify(away)).toContain('redirects to another origin');
  for (const form of FORMS) expect(JSON.stringify(away)).not.toContain(form);
  expect(elsewhere.seen).toEqual([]);
  expect(await openRest(`${origin}/moved`, { credential: SEVERAL, environment }).call(tool, {})).not.toMatchObject({ error: {} });
  const query = `?api_key=${encodeURIComponent(KEY)}`;
  expect(targets.slice(1)).toEqual([`/moved/orders${query} Bearer ${TOKEN}`, `/orders${query} Bearer ${TOKEN}`]);
});

test('T-56: an argument under the name of a parameter or header with a credential is not sent', async () => {
  const seen: [string, string | undefined][] = [];
  const upstream = await startHttp((request, response) => {
    seen.push([request.url ?? '', request.headers['x-org'] as string | undefined]);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  const parameters = [defineParameter('Api-Key', 'query'), defineParameter('q', 'query'), defineParameter('X_Org', 'header')];
  const [tool] = readTools({
    '/orders': { get: { operationId: 'list', parameters, responses: { 200: { description: 'ok' } } } },
  }).values();
  if (!tool) throw new Error('no tool');
  const { call } = openRest(`http://127.0.0.1:${upstream.port}`, { credential: SEVERAL, environment });
  await call(tool, { 'Api-Key': 'mine', q: 'a b', X_Org: 'other' });
  expect(seen).toEqual([[`/orders?q=a%20b&api_key=${encodeURIComponent(KEY)}`, 'acme']]);
});

test('T-21: every secret that cannot be had is named at once', async () => {
  const upstream = await startRepeating();
  const origin = `http://127.0.0.1:${upstream.port}`;
  const { authorizer } = openRest(origin, { credential: SEVERAL, environment: {} });
  await expect(authorizer.authorize(origin)).rejects.toThrow(/env:KEY is not set.*env:TOKEN is not set/);
});

const makeHeader = (name: string, prefix = ''): Credential => ({ kind: 'header', header: name, prefix, reference: 'env:TOKEN' });

test.each([
  'Host',
  'Connection',
  'Content-Length',
  'content_type',
  'Transfer-Encoding',
  'Mcp-Session-Id',
  'MCP-Protocol-Version',
  'X-Forwarded-Host',
  'X-Original-URL',
  'Proxy-Authorization',
])('the agent sends no secret as %s, and says so', async (name) => {
  const { authorizer } = openRest('http://127.0.0.1:9', { credential: makeHeader(name), environment });
  await expect(authorizer.authorize('http://127.0.0.1:9')).rejects.toThrow(
    `The header ${name} belongs to the connection or the protocol and takes no credential.`,
  );
});

test.each(['a\r\nX-Evil: ', 'ключ ', '\u0000'])(
  'a prefix %j is in no header, and the error repeats no secret',
  async (prefix) => {
    const { authorizer } = openRest('http://127.0.0.1:9', { credential: makeHeader('X-Key', prefix), environment });
    const error: unknown = await authorizer.authorize('http://127.0.0.1:9').catch((reason: unknown) => reason);
    expect(String(error)).toContain('env:TOKEN holds characters that an HTTP header cannot carry');
    expect(String(error)).not.toContain(TOKEN);
  },
);
