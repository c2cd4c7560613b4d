import { spawn } from 'node:child_process';
import type { ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import { findFreePort } from '@gatehouse/process/testing/free-port';

import { ECHO, makeServerAt, startHttp } from '../support/servers/upstreams.ts';
import { sendJson } from './handmade.ts';
import { makeCall, fetchDefinition, makeClient, never, startPool, readAnswerText } from './harness.ts';

const require = createRequire(import.meta.url);

/** The published example server over HTTP. Resolves when it listens. */
async function startEverything(mode: 'sse' | 'streamableHttp'): Promise<number> {
  const port = await findFreePort();
  const script = require.resolve('@modelcontextprotocol/server-everything/dist/index.js');
  const child = spawn(process.execPath, [script, mode], { env: { PORT: String(port) }, stdio: ['ignore', 'ignore', 'pipe'] });
  onTestFinished(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
  });
  await new Promise<void>((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (/listening|running/i.test(said)) resolve();
    });
    child.once('exit', () => reject(new Error(said)));
  });
  return port;
}

test.each([
  ['sse', '/sse'],
  ['streamableHttp', '/mcp'],
] as const)('the published example server over %s: calls, progress, one connection for each client', async (mode, path) => {
  const port = await startEverything(mode);
  const server = makeServerAt(`http://127.0.0.1:${port}${path}`);
  const { pool } = startPool([server]);
  for (const name of ['a', 'b']) {
    const conversation = await pool.requireUpstream(server).open(makeClient(name), never);
    expect(conversation).toMatchObject({ era: 'legacy', capabilities: { resources: { subscribe: true } } });
    const echo = await fetchDefinition(conversation, 'echo');
    expect(readAnswerText(await conversation.callTool(makeCall(echo, { message: name })))).toBe(`Echo: ${name}`);
    const long = await fetchDefinition(conversation, 'trigger-long-running-operation');
    const progress: unknown[] = [];
    const answer = await conversation.callTool(
      makeCall(
        long,
        { duration: 0.2, steps: 2 },
        { meta: { progressToken: 'own' }, onMessage: ({ params }) => progress.push(params) },
      ),
    );
    expect(readAnswerText(answer)).toContain('completed');
    expect(progress).toMatchObject([
      { progressToken: 'own', progress: 1 },
      { progressToken: 'own', progress: 2 },
    ]);
  }
  expect(pool.listHealth()).toMatchObject([{ state: 'connected', connections: 2 }]);
});

/** A server that knows HTTP+SSE only; `endpoint` is what its first event names. */
function startSse(endpoint: (port: number) => string, onPost: (message: { id?: number; method: string }) => object | null) {
  let write: ((text: string) => void) | null = null;
  const posted: string[] = [];
  const started = startHttp(async (request, response) => {
    if (request.method === 'GET' && request.url === '/mcp') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      write = (text) => void response.write(text);
      return write(`event: endpoint\ndata: ${endpoint((request.socket.address() as AddressInfo).port)}\n\n`);
    }
    if (request.url === '/mcp') return void response.writeHead(405).end();
    let body = '';
    for await (const chunk of request) body += String(chunk);
    posted.push(request.url ?? '');
    response.writeHead(202).end();
    const message = JSON.parse(body);
    const answer = onPost(message);
    if (answer) write?.(`event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', id: message.id, ...answer })}\n\n`);
  });
  return started.then((server) => ({ ...server, posted, end: () => write?.('') }));
}

function buildAnswer({ method }: { method: string }): object | null {
  if (method === 'initialize')
    return { result: { protocolVersion: '2024-11-05', capabilities: {}, serverInfo: { name: 's', version: '1' } } };
  if (method === 'tools/list') return { result: { tools: [ECHO] } };
  if (method === 'tools/call') return { result: { content: [{ type: 'text', text: 'over sse' }] } };
  return method.startsWith('notifications/') ? null : { error: { code: -32601, message: 'unknown' } };
}

test('a server of 2024-11-05 is found behind what it answers to the newer ways', async () => {
  const upstream = await startSse(() => '/messages?session=1', buildAnswer);
  const server = makeServerAt(upstream.url);
  const { pool } = startPool([server]);
  const conversation = await pool.requireUpstream(server).open(makeClient('a'), never);
  expect(readAnswerText(await conversation.callTool(makeCall(ECHO, { text: 'x' })))).toBe('over sse');
  expect(new Set(upstream.posted)).toEqual(new Set(['/messages?session=1']));
  expect(pool.listHealth()).toMatchObject([{ protocolVersion: '2024-11-05' }]);
});

test('T-54: an address for messages at another origin is refused, and nothing is sent there', async () => {
  const elsewhere = await startHttp((_request, response) => void sendJson(response, {}));
  for (const endpoint of [
    elsewhere.url,
    `//127.0.0.1:${elsewhere.port}/mcp`,
    'file:///etc/passwd',
    'http://user:pw@127.0.0.1/',
  ]) {
    const upstream = await startSse(() => endpoint, buildAnswer);
    const server = makeServerAt(upstream.url);
    const { pool } = startPool([server]);
    await expect(pool.requireUpstream(server).open(makeClient('a'), never)).rejects.toMatchObject({
      code: 'guardrail',
      message: 'The server asks for messages to be sent to another origin.',
    });
    expect(upstream.posted).toEqual([]);
  }
  expect(elsewhere.seen).toEqual([]);
});

test('a stream that breaks fails the call under way, and the next call connects again', async () => {
  let calls = 0;
  const upstream = await startHttp(async (request, response) => {
    if (request.method === 'GET') {
      streams.push(response);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      return void response.write('event: endpoint\ndata: /messages\n\n');
    }
    if (request.url === '/mcp') return void response.writeHead(404).end();
    let body = '';
    for await (const chunk of request) body += String(chunk);
    response.writeHead(202).end();
    const message = JSON.parse(body);
    const breaks = message.method === 'tools/call' && (calls += 1) === 1;
    if (breaks) return void streams.at(-1)?.destroy();
    const answer = buildAnswer(message);
    if (answer) streams.at(-1)?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id: message.id, ...answer })}\n\n`);
  });
  const streams: ServerResponse[] = [];
  const server = makeServerAt(upstream.url);
  const { pool } = startPool([server]);
  const conversation = await pool.requireUpstream(server).open(makeClient('a'), never);
  await expect(conversation.callTool(makeCall(ECHO, { text: 'x' }))).rejects.toMatchObject({ code: 'upstream_unreachable' });
  expect(readAnswerText(await conversation.callTool(makeCall(ECHO, { text: 'x' })))).toBe('over sse');
  expect(streams).toHaveLength(2);
});

test.each<[status: number, text: string, write: 'again' | 'told']>([
  [404, 'Could not find session', 'again'],
  [400, 'No transport found for sessionId', 'again'],
  [410, '', 'told'],
  [500, 'unknown session', 'told'],
])('a server over HTTP+SSE that keeps its stream and says %i %s has lost the session', async (status, text, write) => {
  const streams: ServerResponse[] = [];
  let lost = 0;
  const upstream = await startHttp(async (request, response) => {
    if (request.method === 'GET') {
      streams.push(response);
      response.writeHead(200, { 'content-type': 'TEXT/event-stream' });
      return void response.write(`event: endpoint\ndata: /messages?session=${streams.length}\n\n`);
    }
    if (request.url === '/mcp') return void response.writeHead(405).end();
    if (request.url === `/messages?session=${lost}`)
      return void response.writeHead(status, { 'content-type': 'text/plain' }).end(text);
    let body = '';
    for await (const chunk of request) body += String(chunk);
    response.writeHead(202).end();
    const message = JSON.parse(body);
    const answer = buildAnswer(message);
    if (answer) streams.at(-1)?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id: message.id, ...answer })}\n\n`);
  });
  const server = makeServerAt(upstream.url);
  const { pool } = startPool([server]);
  const call = async (freshness: 'read' | 'write') => {
    const conversation = await pool.requireUpstream(server).open(makeClient('a'), never);
    return conversation.callTool(makeCall(ECHO, { text: 'x' }, { freshness })).then(readAnswerText, (error: unknown) => error);
  };
  expect(await call('write')).toBe('over sse');
  lost = 1;
  expect(await call('read')).toBe('over sse');
  lost = 2;
  const told = await call('write');
  if (write === 'again') expect(told).toBe('over sse');
  else expect(told).toMatchObject({ told: expect.stringContaining('did not say whether it carried this call out') as string });
  expect(await call('write')).toBe('over sse');
  expect(streams).toHaveLength(3);
});

test('what is no MCP server at all is a failure and nothing more', async () => {
  const answers: [number, string, string][] = [
    [200, 'text/html', '<html>'],
    [200, 'application/json', '{}'],
    [404, 'text/plain', 'no'],
  ];
  for (const [status, type, text] of answers) {
    const upstream = await startHttp((request, response) => {
      if (request.method === 'POST') return void response.writeHead(405).end();
      response.writeHead(status, { 'content-type': type });
      // the rest never comes
      response.write(text);
    });
    const server = makeServerAt(upstream.url);
    const { pool } = startPool([server]);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 500);
    await expect(pool.requireUpstream(server).open(makeClient('a'), stop.signal)).rejects.toMatchObject({
      name: 'UpstreamFailure',
    });
    await pool.close();
  }
});
