import { expect, test } from 'vitest';

import { makeProfile, makeTool } from '@gatehouse/policy/testing/build';

import { startGateway } from '../support/agent/gateway.ts';
import { buildAuthorization, openSession, post, postModern } from '../support/clients/clients.ts';
import { ECHO, makeServerAt, startModernUpstream } from '../support/servers/upstreams.ts';

const FREE = { ...ECHO, name: 'free', inputSchema: { type: 'object' as const } };

async function startFree() {
  const got: unknown[] = [];
  const upstream = await startModernUpstream({
    tools: [FREE],
    call: (_name, args) => (got.push(args), { content: [{ type: 'text', text: 'done' }] }),
  });
  const server = makeServerAt(upstream.url);
  const gateway = await startGateway({ servers: [server], profiles: [makeProfile([makeTool(server, FREE)])] });
  return { ...gateway, got };
}

const DONE = { result: { content: [{ type: 'text', text: 'done' }] } };
const LISTED = { result: { tools: [{ name: 'free' }] } };

test.each<[what: string, method: string, params: object | null, answer: object]>([
  ['arguments', 'tools/call', { name: 'free', arguments: null }, DONE],
  ['_meta', 'tools/call', { name: 'free', _meta: null }, DONE],
  ['a progress token', 'tools/call', { name: 'free', _meta: { progressToken: null } }, DONE],
  ['what a retry brings', 'tools/call', { name: 'free', inputResponses: null, requestState: null }, DONE],
  ['params', 'tools/list', null, LISTED],
  ['params', 'ping', null, { result: {} }],
  ['a cursor', 'tools/list', { cursor: null }, LISTED],
  ['a cursor, or an empty one,', 'tools/list', { cursor: '' }, LISTED],
])('2025-11-25: null in place of %s is its absence in %s', async (_what, method, params, answer) => {
  const { url, secret } = await startFree();
  const session = await openSession(url, secret);
  const response = await post(url, { jsonrpc: '2.0', id: 1, method, params }, session);
  expect([response.status, await response.json()]).toMatchObject([200, answer]);
});

test.each<[what: string, params: Record<string, unknown>, answer: object]>([
  ['arguments', { name: 'free', arguments: null }, DONE],
  ['what a retry brings', { name: 'free', inputResponses: null, requestState: null }, DONE],
])('2026-07-28: null in place of %s is its absence', async (_what, params, answer) => {
  const { url, secret } = await startFree();
  const response = await postModern(url, secret, { method: 'tools/call', params });
  expect([response.status, await response.json()]).toMatchObject([200, answer]);
});

test.each<[what: string, meta: Record<string, unknown>]>([
  ['a progress token', { progressToken: null }],
  ['a level', { 'io.modelcontextprotocol/logLevel': null }],
  ['the client', { 'io.modelcontextprotocol/clientInfo': null }],
])('2026-07-28: null in place of %s in _meta is its absence', async (_what, meta) => {
  const { url, secret } = await startFree();
  const response = await postModern(url, secret, { method: 'tools/call', params: { name: 'free' }, meta });
  expect([response.status, await response.json()]).toMatchObject([200, DONE]);
});

test('2026-07-28: a cursor of null or without a character asks for the first page', async () => {
  const { url, secret } = await startFree();
  for (const cursor of [null, '']) {
    const response = await postModern(url, secret, { method: 'tools/list', params: { cursor } });
    expect(await response.json()).toMatchObject(LISTED);
  }
  const later = await postModern(url, secret, { method: 'tools/list', params: { cursor: 'x' } });
  expect(await later.json()).toMatchObject({ error: { code: -32602, message: 'Invalid cursor.' } });
});

test.each<[what: string, params: object]>([
  ['no capabilities', { clientInfo: { name: 'raw', version: '1' } }],
  ['capabilities of null', { capabilities: null, clientInfo: { name: 'raw', version: '1' } }],
  ['null in its capabilities', { capabilities: { sampling: null, roots: null }, clientInfo: { name: 'raw', version: '1' } }],
  ['no version', { capabilities: {}, clientInfo: { name: 'raw' } }],
  ['null in its info and _meta', { capabilities: {}, clientInfo: { name: 'raw', version: null, title: null }, _meta: null }],
])('a client that introduces itself with %s gets a session and can call', async (_what, params) => {
  const { url, secret, journal } = await startFree();
  const init = { jsonrpc: '2.0', id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25', ...params } };
  const opened = await post(url, init, buildAuthorization(secret));
  expect(await opened.json()).toMatchObject({ result: { protocolVersion: '2025-11-25' } });
  const session = { ...buildAuthorization(secret), 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
  const call = await post(url, { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'free' } }, session);
  expect(await call.json()).toMatchObject(DONE);
  expect(journal.finished).toMatchObject([{ clientName: 'raw', outcome: 'allowed' }]);
});

test('what the protocol does not leave open is refused as ever, and null inside of arguments is a value', async () => {
  const { url, secret, got } = await startFree();
  const session = await openSession(url, secret);
  for (const params of [{ name: null }, { name: 'free', arguments: [] }, { name: 'free', arguments: '{}' }, []]) {
    const response = await post(url, { jsonrpc: '2.0', id: 1, method: 'tools/call', params }, session);
    expect(await response.json()).toHaveProperty('error');
  }
  await (
    await post(url, { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'free', arguments: { a: null } } }, session)
  ).text();
  expect(got).toEqual([{ a: null }]);
});
