import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { makeServer } from '@gatehouse/policy/testing/build';

import { makeTempDir } from '../support/disk/temp-dir.ts';
import { makeScriptEntry, withEntries } from '../support/servers/stdio.ts';
import { ECHO, makeServerAt, readText, startHttp } from '../support/servers/upstreams.ts';
import { openEvents, sendJson, type Asked } from './handmade.ts';
import { makeCall, makeClient, never, readAnswerText, startPool } from './harness.ts';

interface Reached extends Asked {
  request: IncomingMessage;
  response: ServerResponse;
  /** the server does what it is asked to */
  noteDone: () => void;
  reply: (body: object, status?: number) => void;
}

interface Path {
  era: 'older' | 'newer';
  /** the server gives a session */
  session?: boolean;
  /** what becomes of the first request to call the tool; later ones are carried out and answered */
  answerFirst: (reached: Reached) => unknown;
  /** of a GET of the older protocol; 405 when left out */
  get?: (response: ServerResponse) => unknown;
  /** how often the server was asked, and how often it did it */
  asked: number;
  done: number;
}

const RUN = { name: 'run', inputSchema: { type: 'object' as const } };
const DONE = { result: { content: [{ type: 'text', text: 'done' }], resultType: 'complete' } };

/** A server written by hand that says in its own way what became of a call. */
async function startServer({ era, session = false, answerFirst, get }: Path) {
  const seen = { asked: 0, done: 0 };
  const upstream = await startHttp(async (request, response) => {
    if (request.method === 'GET') return void (get ? get(response) : response.writeHead(405).end());
    if (request.method !== 'POST') return void response.writeHead(200).end();
    const message: Asked = JSON.parse(await readText(request));
    const reply = (body: object, status = 200) => void sendJson(response, { jsonrpc: '2.0', id: message.id, ...body }, status);
    const newer = request.headers['mcp-protocol-version'] === '2026-07-28';
    if (newer !== (era === 'newer') && message.method === 'server/discover') return reply({ error: METHOD_UNKNOWN }, 404);
    switch (message.method) {
      case 'server/discover':
        return reply({ result: { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: { tools: {} } } });
      case 'initialize':
        if (session) response.setHeader('mcp-session-id', `session-${seen.asked}`);
        return reply({ result: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 's' } } });
      case 'tools/list':
        return reply({ result: { resultType: 'complete', tools: [ECHO], ttlMs: 0, cacheScope: 'private' } });
      case 'tools/call': {
        const noteDone = () => void (seen.done += 1);
        seen.asked += 1;
        if (seen.asked === 1) return void answerFirst({ ...message, request, response, noteDone, reply });
        noteDone();
        return reply(DONE);
      }
      default:
        return void response.writeHead(202).end();
    }
  });
  return { url: upstream.url, seen };
}

const METHOD_UNKNOWN = { code: -32601, message: 'unknown' };
const HEADERS = { error: { code: -32020, message: 'Header mismatch' } };
const refuse = (response: ServerResponse, status: number, text = '') =>
  response.writeHead(status, { 'content-type': 'text/plain' }).end(text);
/** Does it, says that it goes on, and ends the stream at a place where it could be taken up. */
const cutStream = ({ id, response, noteDone }: Reached) => {
  noteDone();
  openEvents(response)({ method: 'notifications/message', params: { level: 'info', data: String(id) } }, 'event-1');
  response.end();
};

/** Every way on which the agent may send a request once more. One that the server may have carried out is not sent again. */
const PATHS: [path: string, Path][] = [
  ['404 of a session', { era: 'older', session: true, answerFirst: ({ response }) => refuse(response, 404), asked: 2, done: 1 }],
  ['404 where there are no sessions', { era: 'older', answerFirst: ({ response }) => refuse(response, 404), asked: 2, done: 1 }],
  [
    '404 where there are no sessions, on taking up the stream of the call',
    { era: 'older', answerFirst: cutStream, get: (response) => refuse(response, 404), asked: 1, done: 1 },
  ],
  [
    '404 of a session, on taking up the stream of the call',
    { era: 'older', session: true, answerFirst: cutStream, get: (response) => refuse(response, 404), asked: 1, done: 1 },
  ],
  [
    '400 that names the session',
    {
      era: 'older',
      session: true,
      answerFirst: ({ response }) => refuse(response, 400, 'Invalid session ID'),
      asked: 2,
      done: 1,
    },
  ],
  [
    '400 that names none',
    {
      era: 'older',
      session: true,
      answerFirst: ({ response, noteDone }) => (noteDone(), refuse(response, 400, 'no')),
      asked: 1,
      done: 1,
    },
  ],
  [
    'an error about the session behind an answer that began',
    {
      era: 'older',
      session: true,
      answerFirst: ({ id, response, noteDone }) => {
        noteDone();
        openEvents(response)({ id, error: { code: -32001, message: 'Session not found' } });
        response.end();
      },
      asked: 1,
      done: 1,
    },
  ],
  ['500', { era: 'older', answerFirst: ({ response, noteDone }) => (noteDone(), refuse(response, 500)), asked: 1, done: 1 }],
  ['503', { era: 'newer', answerFirst: ({ response, noteDone }) => (noteDone(), refuse(response, 503)), asked: 1, done: 1 }],
  ['401 with a fixed credential', { era: 'older', answerFirst: ({ response }) => refuse(response, 401), asked: 1, done: 0 }],
  [
    'a connection that breaks before the answer',
    { era: 'older', session: true, answerFirst: ({ response, noteDone }) => (noteDone(), response.destroy()), asked: 1, done: 1 },
  ],
  [
    'a connection of the newer protocol that breaks before the answer',
    { era: 'newer', answerFirst: ({ response, noteDone }) => (noteDone(), response.destroy()), asked: 1, done: 1 },
  ],
  [
    'a connection that breaks in the answer',
    {
      era: 'newer',
      answerFirst: ({ response, noteDone }) => {
        noteDone();
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' }).write('{"jsonrpc"');
        setImmediate(() => response.destroy());
      },
      asked: 1,
      done: 1,
    },
  ],
  [
    'a redirect that keeps the method',
    { era: 'older', answerFirst: ({ response }) => response.writeHead(307, { location: '/mcp?there' }).end(), asked: 2, done: 1 },
  ],
  [
    'a redirect to a GET',
    {
      era: 'older',
      answerFirst: ({ response, noteDone }) => (noteDone(), response.writeHead(303, { location: '/mcp?there' }).end()),
      asked: 1,
      done: 1,
    },
  ],
  ['headers that are refused', { era: 'newer', answerFirst: ({ reply }) => reply(HEADERS, 400), asked: 2, done: 1 }],
  [
    'the code of refused headers from the tool itself',
    { era: 'newer', answerFirst: ({ reply, noteDone }) => (noteDone(), reply(HEADERS)), asked: 1, done: 1 },
  ],
  [
    'the code of refused headers behind a sign of life',
    {
      era: 'newer',
      answerFirst: ({ id, response, noteDone }) => {
        noteDone();
        const write = openEvents(response);
        write({ method: 'notifications/message', params: { level: 'info', data: 'at work' } });
        write({ id, ...HEADERS });
        response.end();
      },
      asked: 1,
      done: 1,
    },
  ],
  [
    'a server of the newer protocol that answers 404',
    { era: 'newer', answerFirst: ({ response, noteDone }) => (noteDone(), refuse(response, 404)), asked: 1, done: 1 },
  ],
  [
    'a server of the newer protocol that speaks the older one from now on',
    { era: 'newer', answerFirst: ({ response }) => refuse(response, 400, 'Bad Request: No valid session ID'), asked: 2, done: 1 },
  ],
];

test.each(PATHS)('a write is sent again only where the server did not take it: %s', async (_, path) => {
  const { url, seen } = await startServer(path);
  const server = makeServerAt(url);
  const conversation = await startPool([server]).pool.requireUpstream(server).open(makeClient('a'), never);
  const call = conversation.callTool(makeCall(ECHO, { text: 'x' }, { freshness: 'write' }));
  const told = await call.then(readAnswerText, (error: unknown) => String(error));
  expect([told, seen]).toEqual([
    path.asked === 2 ? 'done' : expect.not.stringMatching(/^done$/),
    { asked: path.asked, done: path.done },
  ]);
});

test('a write is sent once to a process that ends in the middle of it, and to the next one only by the next call', async () => {
  const file = join(makeTempDir(), 'done');
  const script = `appendFileSync(${JSON.stringify(file)}, 'x'); if (message.params.arguments.text === 'end') process.exit(1); reply('done');`;
  const entry = makeScriptEntry(script, "import { appendFileSync } from 'node:fs';");
  const server = makeServer({ transport: { kind: 'stdio', entry: 'script', processes: 'per_session' } });
  const { pool } = startPool([server], { guardrails: withEntries({ script: entry }) });
  const call = async (text: string) => {
    const conversation = await pool.requireUpstream(server).open(makeClient('a'), never);
    const answer = conversation.callTool(makeCall(RUN, { text }, { freshness: 'write' }));
    return answer.then(readAnswerText, (error: { code: string }) => error.code);
  };
  expect(await call('end')).toBe('upstream_unreachable');
  expect(readFileSync(file, 'utf8')).toBe('x');
  expect(await call('go on')).toBe('done');
  expect(readFileSync(file, 'utf8')).toBe('xx');
});

test('a write over HTTP+SSE whose stream breaks is sent once', async () => {
  let [asked, stream] = [0, null as ServerResponse | null];
  const upstream = await startHttp(async (request, response) => {
    if (request.method === 'GET') {
      stream = response;
      return void response.writeHead(200, { 'content-type': 'text/event-stream' }).write('event: endpoint\ndata: /messages\n\n');
    }
    if (request.url !== '/messages') return void response.writeHead(405).end();
    const { id, method }: Asked = JSON.parse(await readText(request));
    response.writeHead(202).end();
    const say = (result: object) => stream?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result })}\n\n`);
    if (method === 'initialize') say({ protocolVersion: '2024-11-05', capabilities: { tools: {} }, serverInfo: { name: 's' } });
    if (method === 'tools/list') say({ tools: [ECHO] });
    if (method !== 'tools/call') return;
    asked += 1;
    stream?.destroy();
  });
  const server = makeServerAt(upstream.url);
  const conversation = await startPool([server]).pool.requireUpstream(server).open(makeClient('a'), never);
  const call = conversation.callTool(makeCall(ECHO, { text: 'x' }, { freshness: 'write' }));
  await expect(call).rejects.toMatchObject({ code: 'upstream_unreachable' });
  expect(asked).toBe(1);
});

test('a write on a connection that was closed before it was sent is sent once, on the next one', async () => {
  const { url, seen } = await startServer({
    era: 'older',
    session: true,
    answerFirst: ({ noteDone, reply }) => (noteDone(), reply(DONE)),
    asked: 1,
    done: 1,
  });
  const server = makeServerAt(url);
  const { pool } = startPool([server], { limits: { idleMs: 0 }, sweepMs: 5 });
  const conversation = await pool.requireUpstream(server).open(makeClient('a'), never);
  await expect.poll(() => pool.listHealth()).toMatchObject([{ connections: 0 }]);
  expect(readAnswerText(await conversation.callTool(makeCall(ECHO, { text: 'x' }, { freshness: 'write' })))).toBe('done');
  expect(seen).toEqual({ asked: 1, done: 1 });
});
