import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { expect, test } from 'vitest';
import { z } from 'zod';

import type { Conversation } from '../../src/upstream/conversation.ts';
import type { RpcAnswer, ServerMessage } from '../../src/wire/json-rpc.ts';
import { ECHO, readText, registerEchoV1, makeServerAt, startHttp, startLegacyUpstream } from '../support/servers/upstreams.ts';
import { sendJson } from './handmade.ts';
import { makeCall, fetchDefinition, makeClient, never, startPool, readAnswerText } from './harness.ts';

const ALL = { sampling: {}, elicitation: {}, roots: {} };

test('a server of the older protocol meets each client itself: its name, its capabilities without tasks, its own state', async () => {
  const upstream = await startLegacyUpstream((server) => {
    let calls = 0;
    server.registerTool('who', { inputSchema: {} }, () => ({
      content: [
        {
          type: 'text',
          text: JSON.stringify([server.server.getClientVersion(), server.server.getClientCapabilities(), (calls += 1)]),
        },
      ],
    }));
  });
  const server = makeServerAt(upstream.url);
  const { pool } = startPool([server]);
  const who = async (name: string, capabilities = {}, era: 'legacy' | 'modern' = 'legacy') => {
    const conversation = await pool.requireUpstream(server).open({ ...makeClient(name, capabilities), era }, never);
    return JSON.parse(readAnswerText(await conversation.callTool(makeCall(await fetchDefinition(conversation, 'who')))));
  };
  const tasks = { tasks: { list: {} }, extensions: { 'io.modelcontextprotocol/tasks': {}, 'example.com/x': {} } };
  expect(await who('a', { ...ALL, ...tasks })).toMatchObject([
    { name: 'a', version: '1' },
    { sampling: {}, elicitation: {}, roots: {}, extensions: { 'example.com/x': {} } },
    1,
  ]);
  const [, seen] = await who('a', { ...ALL, ...tasks });
  expect(JSON.stringify(seen)).not.toContain('tasks');
  expect(await who('b')).toEqual([{ name: 'b', version: '1' }, {}, 1]);
  // a client of the newer protocol is asked in results
  const [, inResults] = await who('c', { ...ALL, extensions: { 'example.com/x': {} } }, 'modern');
  expect(inResults).toMatchObject({ ...ALL, extensions: { 'example.com/x': {} } });
  expect(await who('a')).toMatchObject([{ name: 'a' }, {}, 3]);
});

/** Answers what a server asks while a call is under way, as a client would. */
function answerWith(conversation: Conversation, asked: ServerMessage[], answers: Record<string, RpcAnswer>) {
  return (message: ServerMessage) => {
    asked.push(message);
    const answer = answers[message.method];
    if (message.id !== undefined && answer) void conversation.answer(message.id, answer);
  };
}

test('what a server asks during a call comes with the call, in order, and the answer goes back to it', async () => {
  const upstream = await startLegacyUpstream((server) => {
    server.server.registerCapabilities({ logging: {} });
    server.registerTool('ask', { inputSchema: {} }, async (_args, { sendNotification, sendRequest }) => {
      await sendNotification({ method: 'notifications/message', params: { level: 'info', data: 'before' } });
      const roots = await sendRequest({ method: 'roots/list' }, z.unknown());
      const elicited = await sendRequest(
        { method: 'elicitation/create', params: { message: 'your name?', requestedSchema: { type: 'object', properties: {} } } },
        z.unknown(),
      );
      return { content: [{ type: 'text', text: JSON.stringify([roots, elicited]) }] };
    });
  });
  const server = makeServerAt(upstream.url);
  const { pool } = startPool([server]);
  const client = makeClient('a', ALL);
  const conversation = await pool.requireUpstream(server).open(client, never);
  const asked: ServerMessage[] = [];
  const onMessage = answerWith(conversation, asked, {
    'roots/list': { result: { roots: [{ uri: 'file:///home/a' }] } },
    'elicitation/create': { result: { action: 'accept', content: { name: 'Ann' } } },
  });
  const answer = await conversation.callTool(makeCall(await fetchDefinition(conversation, 'ask'), {}, { onMessage }));
  expect(JSON.parse(readAnswerText(answer))).toEqual([
    { roots: [{ uri: 'file:///home/a' }] },
    { action: 'accept', content: { name: 'Ann' } },
  ]);
  expect(asked.map(({ method }) => method)).toEqual(['notifications/message', 'roots/list', 'elicitation/create']);
  expect(client.heard).toEqual([]);
});

test('what a server asks outside of any call comes to its own client alone, and can be answered', async () => {
  const servers: McpServer[] = [];
  const upstream = await startLegacyUpstream((server) => {
    servers.push(server);
    registerEchoV1(server);
  });
  const server = makeServerAt(upstream.url);
  const { pool } = startPool([server]);
  const [a, b] = [makeClient('a', ALL), makeClient('b', ALL)];
  for (const client of [a, b]) await pool.requireUpstream(server).open(client, never);
  const own = servers.find((each) => each.server.getClientVersion()?.name === 'a');
  // the SDK's server drops what it sends before the stream for it is open
  const asking = async () => {
    const stop = new AbortController();
    const roots = own?.server.listRoots(undefined, { signal: stop.signal }).catch(() => null);
    await expect.poll(() => a.heard.length, { timeout: 500 }).toBeGreaterThan(0);
    a.heard.splice(0).forEach(({ answer }) => answer?.({ result: { roots: [{ uri: 'file:///a' }] } }));
    return roots;
  };
  await expect.poll(() => asking().catch(() => null)).toEqual({ roots: [{ uri: 'file:///a' }] });
  expect(b.heard).toEqual([]);
});

test('sessions end when their client does, when nobody used them, and when there is no room', async () => {
  const ended: string[] = [];
  let sessions = 0;
  const counting = await startHandmadeWithSessions(() => (sessions += 1), ended);
  const server = makeServerAt(counting.url);
  const { pool } = startPool([server], { limits: { connections: 2 } });
  const open = (name: string) => pool.requireUpstream(server).open(makeClient(name), never);
  await open('a');
  await open('b');
  pool.endClient('a');
  await expect.poll(() => ended).toEqual(['s1']);
  await open('c');
  expect(ended).toEqual(['s1']);
  // the longest idle one makes room
  await open('d');
  await expect.poll(() => ended).toEqual(['s1', 's2']);
  expect(pool.listHealth()[0]).toMatchObject({ connections: 2 });
  await pool.close();
  expect(ended.toSorted((one, other) => one.localeCompare(other))).toEqual(['s1', 's2', 's3', 's4']);
});

test('idle connections are closed, busy ones are not', async () => {
  const ended: string[] = [];
  let sessions = 0;
  const counting = await startHandmadeWithSessions(() => (sessions += 1), ended);
  const server = makeServerAt(counting.url);
  const { pool } = startPool([server], { limits: { idleMs: 50 }, sweepMs: 5 });
  const busy = await pool.requireUpstream(server).open(makeClient('busy'), never);
  const stop = new AbortController();
  const waiting = busy.request({ method: 'wait', params: {}, signal: stop.signal }).catch((error: Error) => error);
  await pool.requireUpstream(server).open(makeClient('idle'), never);
  await expect.poll(() => ended).toEqual(['s2']);
  expect(pool.listHealth()).toMatchObject([{ connections: 1 }]);
  stop.abort();
  expect(await waiting).toMatchObject({ code: 'cancelled' });
  await expect.poll(() => ended).toEqual(['s2', 's1']);
});

test('a request that finds its connection just closed is sent on a new one', async () => {
  let sessions = 0;
  const counting = await startHandmadeWithSessions(() => (sessions += 1), []);
  const server = makeServerAt(counting.url);
  const { pool } = startPool([server], { limits: { connections: 2 } });
  const first = await pool.requireUpstream(server).open(makeClient('a'), never);
  await pool.requireUpstream(server).open(makeClient('b'), never);
  // makes room by closing the connection that the first client was about to use
  await pool.requireUpstream(server).open(makeClient('c'), never);
  const listed = first.request({ method: 'tools/list', params: {}, signal: never });
  expect(await listed).toMatchObject({ result: { tools: [{ name: ECHO.name }] } });
  expect(sessions).toBe(4);
});

test('a client that ended while it was being connected leaves no connection', async () => {
  let sessions = 0;
  const ended: string[] = [];
  const counting = await startHandmadeWithSessions(() => (sessions += 1), ended);
  const server = makeServerAt(counting.url);
  const { pool } = startPool([server]);
  await pool.requireUpstream(server).open(makeClient('first'), never);
  const opening = pool.requireUpstream(server).open(makeClient('a'), never);
  pool.endClient('a');
  await expect(opening).rejects.toMatchObject({ code: 'upstream_unreachable', byUs: true });
  expect(sessions).toBe(1);
  expect(pool.listHealth()).toMatchObject([{ connections: 1, state: 'connected', error: null }]);
});

test('when every connection is in use a new client is refused with a clear sentence', async () => {
  let sessions = 0;
  const counting = await startHandmadeWithSessions(() => (sessions += 1), []);
  const server = makeServerAt(counting.url);
  const { pool } = startPool([server], { limits: { connections: 1 } });
  const busy = await pool.requireUpstream(server).open(makeClient('busy'), never);
  const stop = new AbortController();
  const waiting = busy.request({ method: 'wait', params: {}, signal: stop.signal }).catch((error: Error) => error);
  await expect.poll(() => counting.countWaiting()).toBe(1);
  await expect(pool.requireUpstream(server).open(makeClient('other'), never)).rejects.toMatchObject({
    code: 'upstream_unreachable',
    message: 'All 1 connections to this server are in use. Try again later.',
  });
  stop.abort();
  await waiting;
  await pool.requireUpstream(server).open(makeClient('other'), never);
  expect(pool.listHealth()).toMatchObject([{ connections: 1, state: 'connected' }]);
});

/** A server of the older protocol that gives each client a session and reports the ended ones. `wait` is never answered. */
async function startHandmadeWithSessions(next: () => number, ended: string[]) {
  let waiting = 0;
  const server = await startHttp(async (request, response) => {
    if (request.method === 'DELETE') {
      ended.push(String(request.headers['mcp-session-id']));
      return void response.writeHead(200).end();
    }
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const { id, method } = JSON.parse(await readText(request));
    if (method === 'wait') return void (waiting += 1);
    const reply = (result: object) => sendJson(response, { jsonrpc: '2.0', id, result });
    if (method === 'initialize') {
      response.setHeader('mcp-session-id', `s${next()}`);
      return void reply({ protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 's', version: '1' } });
    }
    if (method === 'tools/list') return void reply({ tools: [ECHO] });
    if (id === undefined) return void response.writeHead(202).end();
    sendJson(response, { jsonrpc: '2.0', id, error: { code: -32601, message: 'unknown' } });
  });
  return { ...server, countWaiting: () => waiting };
}
