import type { ServerResponse } from 'node:http';

import { expect, test } from 'vitest';

import { ECHO, makeServerAt, readText, startHttp } from '../support/servers/upstreams.ts';
import { openEvents, sendJson, type Asked } from './handmade.ts';
import { makeCall, makeClient, never, readAnswerText, startPool } from './harness.ts';

/** How a server says that it does not know the session of a request. */
type Say = (response: ServerResponse, message: Asked) => unknown;

interface StatefulOptions {
  /** answers a call in a session that the server knows, in place of an echo */
  answer?: (message: Asked, response: ServerResponse) => unknown;
  /** answers a GET in a session that the server does not know; 405 when left out */
  get?: (response: ServerResponse) => unknown;
  /** true when it has answered the request itself */
  takeOver?: (message: Asked, response: ServerResponse) => boolean;
}

/** A server of the older protocol that forgets its sessions when it is told to, and then says so in its own way. */
async function startStateful(say: Say, { answer, get, takeOver }: StatefulOptions = {}) {
  const known = new Set<string>();
  const calls: string[] = [];
  let opened = 0;
  const server = await startHttp(async (request, response) => {
    const session = String(request.headers['mcp-session-id']);
    if (request.method === 'GET') return void (known.has(session) || !get ? response.writeHead(405).end() : get(response));
    if (request.method !== 'POST') return void response.writeHead(200).end();
    const message: Asked = JSON.parse(await readText(request));
    const reply = (body: object) => sendJson(response, { jsonrpc: '2.0', id: message.id, ...body });
    if (takeOver?.(message, response)) return;
    if (message.method === 'server/discover') return void reply({ error: { code: -32601, message: 'unknown' } });
    if (message.method === 'initialize') {
      known.add(`session-${(opened += 1)}`);
      response.setHeader('mcp-session-id', `session-${opened}`);
      const result = { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } };
      return void reply({ result });
    }
    if (!known.has(session)) return void say(response, message);
    if (message.id === undefined) return void response.writeHead(202).end();
    if (message.method === 'tools/list') return void reply({ result: { tools: [ECHO] } });
    if (message.method !== 'tools/call') return void reply({ result: {} });
    calls.push(session);
    if (answer) return void answer(message, response);
    reply({ result: { content: [{ type: 'text', text: session }] } });
  });
  return { ...server, calls, forget: () => known.clear(), countSessions: () => opened };
}

async function openTo(url: string, readClock?: () => number) {
  const server = makeServerAt(url);
  const { pool } = startPool([server], readClock && { readClock });
  const call = async (freshness: 'read' | 'write') => {
    const conversation = await pool.requireUpstream(server).open(makeClient('a'), never);
    return conversation.callTool(makeCall(ECHO, { text: 'x' }, { freshness })).then(readAnswerText, (error: unknown) => error);
  };
  return { pool, call };
}

const answerError =
  (status: number, code: number, message: string): Say =>
  (response, { id }) =>
    sendJson(response, { jsonrpc: '2.0', id, error: { code, message } }, status);
const answerNobody =
  (status: number, code: number, message: string): Say =>
  (response) =>
    sendJson(response, { jsonrpc: '2.0', id: null, error: { code, message } }, status);
const answerText =
  (status: number, text: string): Say =>
  (response) =>
    response.writeHead(status, { 'content-type': 'text/plain' }).end(text);

/** With what becomes of a call that may have changed something: what surely did nothing is sent again, the rest is told of. */
const WAYS: [say: string, Say, write: 'again' | 'told'][] = [
  ['404 with -32001', answerNobody(404, -32001, 'Session not found'), 'again'],
  ['404 in plain text', answerText(404, 'session not found'), 'again'],
  ['404 without a word', (response) => response.writeHead(404).end(), 'again'],
  ['what the reference server says', answerNobody(400, -32000, 'Bad Request: No valid session ID provided'), 'again'],
  ['400 to the request, naming the session', answerError(400, -32600, 'Mcp-Session-Id header is unknown'), 'again'],
  ['400 in plain text, naming the session', answerText(400, 'Invalid session ID'), 'again'],
  ['400 that names no session', answerNobody(400, -32000, 'Bad Request: Server not initialized'), 'told'],
  ['400 with -32000 and nothing else', answerNobody(400, -32000, 'Bad Request'), 'told'],
  ['401', answerText(401, 'Unauthorized: Session not found'), 'told'],
  ['410', (response) => response.writeHead(410).end(), 'told'],
  ['422 in plain text', answerText(422, 'unknown session'), 'told'],
  ['500 in plain text', answerText(500, 'Error: session session-1 does not exist'), 'told'],
  ['200 with an error of the transport', answerError(200, -32001, 'Session expired'), 'told'],
  ['200 with another error, to a ping as well', answerError(200, -32603, 'Session terminated'), 'told'],
  ['200 with what the Python SDK says', answerError(200, -32602, 'Received request before initialization was complete'), 'told'],
  ['200 in plain text', answerText(200, 'Your session has expired'), 'told'],
  [
    'an error on an event stream',
    (response, { id }) => {
      openEvents(response)({ id, error: { code: -32600, message: 'Unknown session' } });
      response.end();
    },
    'told',
  ],
];

test.each(WAYS)('a session whose end the server tells by %s is opened anew', async (_, say, write) => {
  const upstream = await startStateful(say);
  const { pool, call } = await openTo(upstream.url);
  expect(await call('read')).toBe('session-1');
  upstream.forget();
  expect(await call('read')).toBe('session-2');
  expect(await call('write')).toBe('session-2');
  upstream.forget();
  const told = await call('write');
  if (write === 'again') expect(told).toBe('session-3');
  else expect(told).toMatchObject({ name: 'UpstreamFailure', told: expect.stringMatching(/session|HTTP 401/) as string });
  for (const freshness of ['write', 'read'] as const) expect(await call(freshness)).toBe('session-3');
  expect(upstream.countSessions()).toBe(3);
  expect(upstream.calls).toHaveLength(write === 'again' ? 6 : 5);
  expect(pool.listHealth()).toMatchObject([{ state: 'connected', connections: 1, retryAt: null }]);
});

test('a call that waited for a list in a session that is over was not sent, so it is sent whatever it does', async () => {
  let now = 0;
  const upstream = await startStateful((response) => response.writeHead(410).end());
  const { call } = await openTo(upstream.url, () => now);
  expect(await call('write')).toBe('session-1');
  upstream.forget();
  now += 6_000;
  expect(await call('write')).toBe('session-2');
  expect(upstream.calls).toEqual(['session-1', 'session-2']);
});

test('a call that the server had begun to answer is not sent again when the rest of its answer is gone with the session', async () => {
  for (const status of [404, 400]) {
    const upstream = await startStateful(answerText(404, 'session not found'), {
      answer: ({ id }, response) => {
        openEvents(response)({ method: 'notifications/message', params: { level: 'info', data: String(id) } }, 'event-1');
        upstream.forget();
        response.end();
      },
      get: (response) => answerText(status, 'Invalid session ID')(response, { id: 0, method: '', params: {} }),
    });
    const { call } = await openTo(upstream.url);
    expect(await call('write')).toMatchObject({
      told: expect.stringContaining('did not say whether it carried this call out') as string,
    });
    expect(upstream.calls).toEqual(['session-1']);
  }
});

test.each<[string, number, number, string]>([
  ['a tool', 200, -32603, 'Session not found: browser 5'],
  ['an argument', 400, -32602, 'session_name is required'],
])('an error about a session of %s is the caller’s to read, and the connection stays', async (_, status, code, message) => {
  const upstream = await startStateful(answerText(404, 'gone'), {
    answer: (asked, response) => answerError(status, code, message)(response, asked),
  });
  const { call } = await openTo(upstream.url);
  for (const freshness of ['read', 'write'] as const)
    expect(await call(freshness)).toBe(JSON.stringify({ error: { code, message } }));
  expect([upstream.countSessions(), upstream.calls]).toEqual([1, ['session-1', 'session-1']]);
});

test('a server that forgets every session is told of after a second try', async () => {
  const upstream = await startStateful(answerNobody(404, -32001, 'Session not found'), {
    answer: (asked, response) => answerNobody(404, -32001, 'Session not found')(response, asked),
  });
  const { call } = await openTo(upstream.url);
  expect(await call('read')).toMatchObject({ told: expect.stringContaining('Session not found') as string });
  expect(upstream.calls).toEqual(['session-1', 'session-2']);
});

test('a server of the newer protocol that comes back with the older one alone is asked in that', async () => {
  let isNew = true;
  const upstream = await startStateful(answerNobody(400, -32000, 'Bad Request: No valid session ID provided'), {
    takeOver: ({ id, method }, response) => {
      const own = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
      const results: Record<string, object> = {
        'server/discover': { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } },
        'tools/list': { tools: [ECHO] },
        'tools/call': { content: [{ type: 'text', text: 'new' }] },
      };
      if (isNew) sendJson(response, { jsonrpc: '2.0', id, result: { ...own, ...results[method] } });
      return isNew;
    },
  });
  const { call } = await openTo(upstream.url);
  expect(await call('read')).toBe('new');
  isNew = false;
  for (const freshness of ['write', 'read'] as const) expect(await call(freshness)).toBe('session-1');
  expect(upstream.calls).toEqual(['session-1', 'session-1']);
});

test.each([500, 502, 503, 403])('a call that is answered with HTTP %i leaves the session as it is', async (status) => {
  let calls = 0;
  const server = await startStateful(answerText(404, ''), {
    answer: ({ id }, response) => {
      calls += 1;
      if (calls === 2) return response.writeHead(status).end();
      sendJson(response, { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: `call ${calls}` }] } });
    },
  });
  const { call } = await openTo(server.url);
  expect([await call('write'), await call('write'), await call('write')]).toMatchObject(['call 1', { status }, 'call 3']);
  expect([server.countSessions(), server.calls]).toEqual([1, ['session-1', 'session-1', 'session-1']]);
});
