import { expect, test } from 'vitest';

import { Credential } from '@gatehouse/policy/documents/snapshot';
import { makeProfile, makeTool } from '@gatehouse/policy/testing/build';

import { startGateway } from '../../support/agent/gateway.ts';
import { connectV1 } from '../../support/clients/clients.ts';
import { openRest } from '../../support/servers/rest.ts';
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

test.each([
  'Host',
  'Connection',
  'Content-Length',
  'Transfer-Encoding',
  'Mcp-Session-Id',
  'Cookie',
  'Authorization',
  'Proxy-Authorization',
])('the fixed header %s is refused', (name) => {
  expect(Credential.safeParse({ ...SEVERAL, headers: [{ name, value: 'x' }] }).success).toBe(false);
});

test('one place takes one value, and an empty set is none', () => {
  const twice = { ...SEVERAL, headers: [...SEVERAL.headers, { name: 'x-org', value: 'other' }] };
  expect(Credential.safeParse(twice).error?.issues[0]?.message).toBe('There are two values for header x-org');
  expect(Credential.safeParse({ kind: 'several', credentials: [], headers: [] }).success).toBe(false);
});
