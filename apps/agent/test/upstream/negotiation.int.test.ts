import type { ServerResponse } from 'node:http';

import pino from 'pino';
import { expect, test } from 'vitest';

import { connectPipe } from '../../src/upstream/client/pipe-connection.ts';
import type { PipeListener } from '../../src/upstream/client/pipe.ts';
import { ECHO, makeServerAt, readText, startHttp } from '../support/servers/upstreams.ts';
import { sendJson, type Asked } from './handmade.ts';
import { makeCall, makeClient, never, readAnswerText, startPool } from './harness.ts';

type Refuse = (response: ServerResponse, message: Asked) => unknown;

/** A server that takes one revision and refuses every other in its own way; with sessions, so that each client opens its own. */
async function startStubborn(taken: string, refuse: Refuse, discover: object = { code: -32601, message: 'unknown' }) {
  const asked: string[] = [];
  const ended: unknown[] = [];
  const server = await startHttp(async (request, response) => {
    if (request.method === 'DELETE') {
      ended.push(request.headers['mcp-session-id']);
      return void response.writeHead(200).end();
    }
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const message: Asked = JSON.parse(await readText(request));
    const { id, method, params } = message;
    const reply = (body: object) => sendJson(response, { jsonrpc: '2.0', id, ...body });
    switch (method) {
      case 'server/discover':
        return void reply({ error: discover });
      case 'initialize': {
        const revision = String(params['protocolVersion']);
        asked.push(revision);
        // who opens a session is in none yet
        if (request.headers['mcp-session-id'] !== undefined) return void response.writeHead(400).end('a session already');
        if (revision !== taken) {
          response.setHeader('mcp-session-id', `session-${asked.length}`);
          return void refuse(response, message);
        }
        response.setHeader('mcp-session-id', `session-${asked.length}`);
        return void reply({
          result: { protocolVersion: taken, capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } },
        });
      }
      case 'tools/list':
        return void reply({ result: { tools: [ECHO] } });
      case 'tools/call':
        return void reply({ result: { content: [{ type: 'text', text: String(request.headers['mcp-protocol-version']) }] } });
      default:
        response.writeHead(202).end();
    }
  });
  const upstream = makeServerAt(server.url);
  const { pool } = startPool([upstream]);
  const open = (name: string) => pool.requireUpstream(upstream).open(makeClient(name), never);
  const call = async (name = 'a') => readAnswerText(await (await open(name)).callTool(makeCall(ECHO, { text: 'x' })));
  return { asked, ended, open, call };
}

const answerError =
  (code: number, message: string, data?: unknown, status = 200): Refuse =>
  (response, { id }) =>
    sendJson(response, { jsonrpc: '2.0', id, error: { code, message, data } }, status);
const answerText =
  (status: number, text: string): Refuse =>
  (response) =>
    response.writeHead(status, { 'content-type': 'text/plain' }).end(text);

/** A server that names a revision of its own, whatever it was asked for. */
const answerWith =
  (protocolVersion: string, fields: object = {}): Refuse =>
  (response, { id }) => {
    const result = { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' }, ...fields };
    sendJson(response, { jsonrpc: '2.0', id, result });
  };

const ALL = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'];

test.each<[refusal: string, taken: string, Refuse, asked: string[]]>([
  [
    'an error that lists what is supported',
    '2025-06-18',
    answerError(-32602, 'Unsupported protocol version', { supported: ['2025-06-18'], requested: '2025-11-25' }),
    ['2025-11-25', '2025-06-18'],
  ],
  [
    '400 and a text that lists them',
    '2025-03-26',
    answerText(400, 'Bad Request: Unsupported protocol version (supported versions: 2025-03-26, 2024-11-05)'),
    ['2025-11-25', '2025-03-26'],
  ],
  [
    'an error with 400 that lists an old one',
    '2024-11-05',
    answerError(-32000, 'Only 2024-11-05', undefined, 400),
    ['2025-11-25', '2024-11-05'],
  ],
  [
    'an error of the newer protocol',
    '2024-11-05',
    answerError(-32022, 'no', { supported: ['2026-07-28', '2024-11-05'] }),
    ['2025-11-25', '2024-11-05'],
  ],
  ['an error that names none', '2024-11-05', answerError(-32602, 'Invalid params'), ALL],
  ['an error that speaks of a version', '2025-06-18', answerError(-1, 'bad version'), ALL.slice(0, 2)],
  ['a revision that is not known', '2025-03-26', answerWith('2027-01-01'), ALL.slice(0, 3)],
  ['400 without a word', '2025-03-26', (response) => response.writeHead(400).end(), ALL.slice(0, 3)],
])(
  'a server that refuses a revision by %s is asked for one that it knows, and so at once from then on',
  async (_, taken, refuse, asked) => {
    const server = await startStubborn(taken, refuse);
    expect(await server.call()).toBe(taken);
    expect(server.asked).toEqual(asked);
    expect(await server.call('another client')).toBe(taken);
    expect(server.asked).toEqual([...asked, taken]);
  },
);

test.each<[name: string, Refuse, asked: string[], message: RegExp]>([
  ['all but the newer protocol', answerError(-32022, 'no', { supported: ['2026-07-28'] }), ['2025-11-25'], /no/],
  ['every revision by naming a newer one', answerWith('2027-01-01'), ALL, /speaks MCP 2027-01-01/],
  ['every revision by naming what is none', answerWith('1\r\nx: y'), ALL, /does not know/],
  ['every revision', answerText(400, 'go away'), ALL, /HTTP 400/],
  ['initialize for another reason', answerError(-32603, 'out of memory'), ['2025-11-25'], /out of memory/],
  ['what asks without a credential', answerText(401, 'supported: 2025-06-18'), ['2025-11-25'], /HTTP 401/],
])('a server that refuses %s is a failure in its first words', async (_, refuse, asked, message) => {
  const server = await startStubborn('none', refuse);
  await expect(server.call()).rejects.toThrow(message);
  expect(server.asked).toEqual(asked);
});

test.each(['2024-10-07', '1.0', 'DRAFT-2025-v2'])(
  'a server that answers every revision with %s is spoken to under that name, and at once from then on',
  async (named) => {
    const server = await startStubborn('none', answerWith(named));
    expect(await server.call()).toBe(named);
    expect(server.asked).toEqual(ALL);
    expect(await server.call('another client')).toBe(named);
    expect(server.asked).toHaveLength(ALL.length + 1);
  },
);

test('what is null in the answer to initialize is not there', async () => {
  const fields = {
    capabilities: { tools: { listChanged: null }, prompts: null, resources: { subscribe: null, listChanged: true } },
    serverInfo: { name: 's', version: null, title: null },
    instructions: null,
  };
  const server = await startStubborn('none', answerWith('2025-11-25', fields));
  expect((await server.open('a')).capabilities).toEqual({ tools: {}, resources: { listChanged: true } });
  expect(await server.call()).toBe('2025-11-25');
});

test('a server of newer revisions that speaks an older one as well is asked in that', async () => {
  const supported = ['2027-01-01', '2025-06-18'];
  const refusal = answerError(-32022, 'Unsupported protocol version', { supported });
  const server = await startStubborn('2025-06-18', refusal, { code: -32022, message: 'no', data: { supported } });
  expect(await server.call()).toBe('2025-06-18');
});

test('the same over a pipe, whose server sends ids back as text', async () => {
  const asked: unknown[] = [];
  const progress: unknown[] = [];
  let tell: PipeListener['onMessage'] = () => undefined;
  const pipe = {
    open: ({ onMessage }: PipeListener) => {
      tell = onMessage;
      return Promise.resolve();
    },
    send: (message: Record<string, unknown>) => {
      const { id, method, params } = message as unknown as Asked;
      const reply = (body: object) => queueMicrotask(() => tell(JSON.stringify({ jsonrpc: '2.0', id: String(id), ...body })));
      if (method === 'initialize') {
        const { protocolVersion } = params;
        asked.push(protocolVersion);
        if (protocolVersion !== '2024-11-05') reply({ error: { code: -32602, message: 'Unsupported protocol version' } });
        else reply({ result: { protocolVersion, capabilities: {}, serverInfo: { name: 's', version: '1' } } });
      } else if (id !== undefined) {
        const progressToken = String((params['_meta'] as Record<string, unknown> | undefined)?.['progressToken']);
        const note = { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken, progress: 1 } };
        queueMicrotask(() => tell(JSON.stringify(note)));
        reply({ result: { done: true } });
      }
      return Promise.resolve();
    },
    pauseUntil: () => undefined,
    close: () => Promise.resolve(),
  };
  const { facts: client } = makeClient('a');
  const changed: string[] = [];
  const listener = { onMessage: () => undefined, onListChanged: (method: string) => void changed.push(method) };
  const options = { pipe, client, shared: true, probeMs: null, listener, log: pino({ level: 'silent' }) };
  const connection = await connectPipe(options, never);
  expect(asked).toEqual(ALL);
  expect(connection.server.protocolVersion).toBe('2024-11-05');
  const params = { _meta: { progressToken: 'mine' } };
  const onMessage = (message: object) => void progress.push(message);
  expect(await connection.request({ method: 'x', params, signal: never, onMessage })).toEqual({ result: { done: true } });
  expect(progress).toMatchObject([{ params: { progressToken: 'mine', progress: 1 } }]);
  // between two answers, behind more notes than are passed on
  for (let n = 0; n < 300; n += 1) tell(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { n } }));
  const lists = ['tools', 'prompts', 'resources'].map((list) => ({ method: `notifications/${list}/list_changed` }));
  tell(JSON.stringify(lists.map((message) => ({ jsonrpc: '2.0', ...message }))));
  expect(changed).toEqual(lists.map(({ method }) => method));
});

test.each<[string, Refuse]>([
  ['a refusal', answerError(-32602, 'Unsupported protocol version', { supported: ['2025-06-18'] })],
  ['a revision that nobody knows', answerWith('2025-09-01')],
])('no session is left open that a server gave with %s', async (_, refuse) => {
  const { asked, ended, call } = await startStubborn('2025-06-18', refuse);
  expect(await call()).toBe('2025-06-18');
  expect(asked).toEqual(['2025-11-25', '2025-06-18']);
  expect(ended).toEqual(['session-1']);
});
