import type { IncomingMessage, ServerResponse } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';

import { expect, test } from 'vitest';

import { ECHO, makeServerAt, readText, startHttp } from '../support/servers/upstreams.ts';
import type { Asked } from './handmade.ts';
import { makeCall, makeClient, never, readAnswerText, startPool } from './harness.ts';

type Write = (response: ServerResponse, message: { id: unknown }) => unknown;

interface OddOptions {
  /** true when it has answered the request itself */
  takeOver?: (message: Asked, request: IncomingMessage, response: ServerResponse) => boolean;
  modern?: boolean;
}

/** A server of either era, without sessions, that writes every answer in its own way. */
async function startOdd(write: Write, { takeOver, modern = false }: OddOptions = {}) {
  const server = await startHttp(async (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const message: Asked = JSON.parse(await readText(request));
    const { id, method, params } = message;
    if (takeOver?.(message, request, response)) return;
    if (id === undefined) return void response.writeHead(202).end();
    const results: Record<string, object> = {
      ...(modern && { 'server/discover': { supportedVersions: ['2026-07-28'], capabilities: { tools: {} } } }),
      initialize: {
        protocolVersion: params['protocolVersion'],
        capabilities: { tools: {} },
        serverInfo: { name: 's', version: '1' },
      },
      'tools/list': { tools: [ECHO] },
      'tools/call': { content: [{ type: 'text', text: 'x'.repeat(3_000) }] },
    };
    const result = results[method];
    const own = modern ? { resultType: 'complete', ttlMs: 0, cacheScope: 'private' } : {};
    const answer = result ? { result: { ...own, ...result } } : { error: { code: -32601, message: 'unknown' } };
    await write(response, Object.assign({ jsonrpc: '2.0', id }, answer));
  });
  const upstream = makeServerAt(server.url);
  const { pool } = startPool([upstream]);
  const call = async (name = 'a') => {
    const client = { ...makeClient(name), era: modern ? ('modern' as const) : ('legacy' as const) };
    const conversation = await pool.requireUpstream(upstream).open(client, never);
    return readAnswerText(await conversation.callTool(makeCall(ECHO, { text: 'x' })));
  };
  return { ...server, call };
}

const writeAs =
  (
    type: string | null,
    encode: (json: string) => string | Buffer = (json) => json,
    headers: Record<string, string> = {},
  ): Write =>
  (response, message) =>
    response.writeHead(200, { ...(type !== null && { 'content-type': type }), ...headers }).end(encode(JSON.stringify(message)));
const writeWithId =
  (type: string, changeId: (id: unknown) => unknown, encode?: (json: string) => string): Write =>
  (response, message) =>
    writeAs(type, encode)(response, { ...message, id: changeId(message.id) });
const toEvent = (end: string) => (json: string) => `event: message${end}data: ${json}${end}${end}`;
const writeInCoding = (coding: string, encode: (json: string) => Buffer) =>
  writeAs('application/json', encode, { 'content-encoding': coding });

const ODD: [how: string, Write][] = [
  ['ids as text', writeWithId('application/json', String)],
  ['ids as text in an event stream', writeWithId('text/event-stream', String, toEvent('\n'))],
  ['ids as text with a fraction', writeWithId('application/json', (id) => `${String(id)}.0`)],
  ['a media type in other case', writeAs('Application/JSON; Charset=UTF-8')],
  ['an event stream in other case', writeAs('TEXT/Event-Stream', toEvent('\n'))],
  ['no media type', writeAs(null)],
  ['lines that end with CR', writeAs('text/event-stream', toEvent('\r'))],
  ['lines that end with CRLF', writeAs('text/event-stream', toEvent('\r\n'))],
  [
    'lines that end with CR in a stream that stays open',
    (response, message) =>
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(toEvent('\r')(JSON.stringify(message))),
  ],
  ['gzip', writeInCoding('gzip', gzipSync)],
  ['br', writeInCoding('br', brotliCompressSync)],
  ['deflate', writeInCoding('deflate', deflateSync)],
  ['zstd', writeInCoding('zstd', zstdCompressSync)],
  [
    'an event stream in gzip',
    writeAs('text/event-stream', (json) => gzipSync(toEvent('\n')(json)), { 'content-encoding': 'gzip' }),
  ],
];

test.each(ODD.flatMap(([how, write]) => [[how, 'older', write] as const, [how, 'newer', write] as const]))(
  'an upstream that answers with %s is understood in the %s protocol',
  async (_, era, write) => {
    const { call } = await startOdd(write, { modern: era === 'newer' });
    expect(await call()).toBe('x'.repeat(3_000));
  },
);

test.each(['older', 'newer'])('in the %s protocol the cookies of a load balancer are kept for each connection', async (era) => {
  let nodes = 0;
  const cookies: string[] = [];
  const modern = era === 'newer';
  const { call } = await startOdd(writeAs('application/json'), {
    modern,
    takeOver: ({ method }, request, response) => {
      const { cookie } = request.headers;
      if (method !== 'initialize' && method !== 'server/discover') cookies.push(cookie ?? '');
      // the first answer of a connection binds it
      if (cookie === undefined && method !== 'server/discover')
        response.setHeader('set-cookie', `AWSALB=node-${(nodes += 1)}; Path=/; HttpOnly`);
      const isLost = cookie === undefined && method !== 'initialize' && method !== 'server/discover' && !modern;
      if (isLost) response.writeHead(404).end();
      return isLost;
    },
  });
  for (const name of ['a', 'a', 'b']) expect(await call(name)).toHaveLength(3_000);
  if (modern) expect(new Set(cookies.slice(1))).toEqual(new Set(['AWSALB=node-1']));
  else expect(new Set(cookies)).toEqual(new Set(['AWSALB=node-1', 'AWSALB=node-2']));
});

test.each(['older', 'newer'])(
  'in the %s protocol progress under a token that comes back as text is the caller’s',
  async (era) => {
    const { url } = await startOdd(writeAs('application/json'), {
      modern: era === 'newer',
      takeOver: ({ id, method, params }, _request, response) => {
        if (method !== 'tools/call') return false;
        const progressToken = String((params['_meta'] as Record<string, unknown>)['progressToken']);
        const note = { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress: 1 } };
        const answer = { jsonrpc: '2.0', id: String(id), result: { resultType: 'complete', content: [] } };
        const text = [note, answer].map((message) => toEvent('\n')(JSON.stringify(message))).join('');
        response.writeHead(200, { 'content-type': 'text/event-stream' }).end(text);
        return true;
      },
    });
    const upstream = makeServerAt(url);
    const conversation = await startPool([upstream]).pool.requireUpstream(upstream).open(makeClient('a'), never);
    const heard: unknown[] = [];
    for (const progressToken of [7, '7']) {
      const meta = { progressToken };
      await conversation.callTool(
        makeCall(ECHO, { text: 'x' }, { meta, onMessage: ({ params }) => heard.push(params?.['progressToken']) }),
      );
    }
    expect(heard).toEqual([7, '7']);
  },
);
