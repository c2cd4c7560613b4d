import type { ServerResponse } from 'node:http';

import { expect, test } from 'vitest';

import type { ServerMessage } from '../../src/wire/json-rpc.ts';
import { ECHO, readText, makeServerAt, startHttp } from '../support/servers/upstreams.ts';
import { openEvents, sendJson, startHandmade } from './handmade.ts';
import { makeCall, makeClient, never, startPool, readAnswerText } from './harness.ts';

const right = { result: { content: [{ type: 'text', text: 'right' }] } };

async function openTo(url: string, capabilities = {}) {
  const server = makeServerAt(url);
  const { pool } = startPool([server]);
  const client = makeClient('a', capabilities);
  const conversation = await pool.requireUpstream(server).open(client, never);
  return { pool, client, conversation, server };
}

test('the stream of a request that the server closes early is taken up again where it ended', async () => {
  const asked: unknown[] = [];
  const ids: unknown[] = [];
  const upstream = await startHandmade(
    ({ id }, response) => {
      ids.push(id);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(
        'retry: 10\nid: one\ndata:\n\nid: two\ndata: {"jsonrpc":"2.0","method":"notifications/message","params":{"n":1}}\n\n',
      );
    },
    {
      get: (response, request) => {
        const from = request.headers['last-event-id'];
        if (from === undefined) return void response.writeHead(405).end();
        asked.push(from);
        if (asked.length === 1) return void response.writeHead(200, { 'content-type': 'text/event-stream' }).end('retry: 10\n\n');
        openEvents(response)({ id: ids[0], ...right }, 'three');
      },
    },
  );
  const { conversation } = await openTo(upstream.url);
  const heard: ServerMessage[] = [];
  const answer = await conversation.callTool(makeCall(ECHO, { text: 'x' }, { onMessage: (message) => heard.push(message) }));
  expect(readAnswerText(answer)).toBe('right');
  expect(asked).toEqual(['two', 'two']);
  expect(heard).toEqual([{ method: 'notifications/message', params: { n: 1 } }]);
});

test('the stream for everything else is taken up again from the last event, and a server without one is left alone', async () => {
  const gets: unknown[] = [];
  const upstream = await startHandmade(() => undefined, {
    get: (response, request) => {
      gets.push(request.headers['last-event-id'] ?? null);
      if (gets.length === 3) return void response.writeHead(405).end();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(
        `retry: 10\nid: e${gets.length}\ndata: {"jsonrpc":"2.0","method":"notifications/message","params":{"n":${gets.length}}}\n\n`,
      );
    },
  });
  const { client } = await openTo(upstream.url);
  await expect.poll(() => gets).toEqual([null, 'e1', 'e2']);
  expect(client.heard.map(({ message }) => message.params)).toEqual([{ n: 1 }, { n: 2 }]);
});

test('T-57: 10,000 progress notes to one request all come in their order, and then the answer', async () => {
  const upstream = await startHandmade(({ id }, response) => {
    const event = openEvents(response);
    for (let progress = 1; progress <= 10_000; progress += 1) {
      event({ method: 'notifications/progress', params: { progressToken: 't', progress } });
    }
    event({ id, ...right });
  });
  const { conversation } = await openTo(upstream.url);
  const heard: unknown[] = [];
  const onMessage = ({ params }: ServerMessage) => heard.push(params?.['progress']);
  const answer = await conversation.callTool(makeCall(ECHO, { text: 'x' }, { meta: { progressToken: 't' }, onMessage }));
  expect(readAnswerText(answer)).toBe('right');
  expect(heard).toEqual(Array.from({ length: 10_000 }, (_, at) => at + 1));
});

test('T-57: a storm of list changes makes one message, and one listing once a call needs it', async () => {
  let stream: ServerResponse | null = null;
  const upstream = await startHandmade(({ id }, response) => openEvents(response)({ id, ...right }), {
    get: (response) => {
      stream = response;
      openEvents(response);
    },
  });
  const { client, conversation } = await openTo(upstream.url);
  const listings = () => upstream.asked.filter(({ method }) => method === 'tools/list').length;
  await expect.poll(() => stream !== null && listings()).toBe(1);
  const storm = `data: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}\n\n`.repeat(10_000);
  stream!.write(storm);
  stream!.write(`data: {"jsonrpc":"2.0","id":"after","method":"ping"}\n\n`);
  await expect.poll(() => upstream.asked.some(({ id }) => id === 'after')).toBe(true);
  expect(listings()).toBe(1);
  expect(client.heard).toHaveLength(1);
  expect(readAnswerText(await conversation.callTool(makeCall(ECHO, { text: 'x' })))).toBe('right');
  expect(listings()).toBe(2);
});

/** as every call of a client does */
const listening = { onMessage: () => undefined };

/** What a server says before its answer, and how: the ways in which it can come with the answer of a call. */
test.each<[string, (send: { id: unknown; response: ServerResponse; said: object[] }) => void]>([
  [
    'on the stream of the call',
    ({ id, response, said }) => {
      const event = openEvents(response);
      for (const message of said) event(message);
      event({ id, ...right });
      response.end();
    },
  ],
  [
    'behind more notes than are passed on',
    ({ id, response, said }) => {
      const event = openEvents(response);
      for (let n = 0; n < 300; n += 1) event({ method: 'notifications/message', params: { n } });
      for (const message of said) event(message);
      event({ method: 'notifications/message', params: {} });
      event({ id, ...right });
      response.end();
    },
  ],
  [
    'in a batch with the answer',
    ({ id, response, said }) =>
      sendJson(
        response,
        [...said, { id, ...right }].map((message) => ({ jsonrpc: '2.0', ...message })),
      ),
  ],
  [
    'in a batch on the stream',
    ({ id, response, said }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`data: ${JSON.stringify([...said, { id, ...right }].map((message) => ({ jsonrpc: '2.0', ...message })))}\n\n`);
    },
  ],
])('a change that is announced %s counts for the next call, which only reads', async (_, write) => {
  let tools = [ECHO];
  const changed = () => ({ method: 'notifications/tools/list_changed' });
  const upstream = await startHandmade(
    ({ id }, response) => {
      tools = [{ ...ECHO, description: 'other than approved' }];
      write({ id, response, said: [changed()] });
    },
    { listTools: () => tools },
  );
  const { conversation } = await openTo(upstream.url);
  expect(readAnswerText(await conversation.callTool(makeCall(ECHO, { text: 'x' }, listening)))).toBe('right');
  await expect(conversation.callTool(makeCall(ECHO, { text: 'x' }, listening))).rejects.toMatchObject({
    code: 'tool_not_approved',
  });
  expect(upstream.asked.filter(({ method }) => method === 'tools/call')).toHaveLength(1);
});

test('a change that is announced on the resumed stream of a call counts for the next call', async () => {
  let tools = [ECHO];
  const ids: unknown[] = [];
  const upstream = await startHandmade(
    ({ id }, response) => {
      ids.push(id);
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end('retry: 10\nid: one\ndata:\n\n');
    },
    {
      listTools: () => tools,
      get: (response, request) => {
        if (request.headers['last-event-id'] === undefined) return void response.writeHead(405).end();
        tools = [{ ...ECHO, description: 'other than approved' }];
        const event = openEvents(response);
        event({ method: 'notifications/tools/list_changed' });
        event({ id: ids[0], ...right });
      },
    },
  );
  const { conversation } = await openTo(upstream.url);
  expect(readAnswerText(await conversation.callTool(makeCall(ECHO, { text: 'x' }, listening)))).toBe('right');
  await expect(conversation.callTool(makeCall(ECHO, { text: 'x' }, listening))).rejects.toMatchObject({
    code: 'tool_not_approved',
  });
});

test('T-57: a stream without end is ended by the deadline of its caller, and the server is told', async () => {
  const closed = Promise.withResolvers<void>();
  const upstream = await startHandmade((_message, response) => {
    const event = openEvents(response);
    const timer = setInterval(() => event({ method: 'notifications/message', params: {} }), 1);
    response.once('close', () => {
      clearInterval(timer);
      closed.resolve();
    });
  });
  const { conversation } = await openTo(upstream.url);
  const stop = new AbortController();
  let heard = 0;
  const call = conversation.callTool(
    makeCall(
      ECHO,
      { text: 'x' },
      {
        signal: stop.signal,
        onMessage: () => {
          if ((heard += 1) === 3) stop.abort();
        },
      },
    ),
  );
  await expect(call).rejects.toMatchObject({ code: 'cancelled' });
  await closed.promise;
  await expect.poll(() => upstream.asked.map(({ method }) => method)).toContain('notifications/cancelled');
  const [cancelled] = upstream.asked.filter(({ method }) => method === 'notifications/cancelled');
  expect(cancelled?.params['requestId']).toBe(upstream.asked.find(({ method }) => method === 'tools/call')?.id);
});

test('a resource is subscribed to once, again after the session was lost, and its changes reach who asked', async () => {
  const streams: ServerResponse[] = [];
  const uris: unknown[] = [];
  let sessions = 0;
  let lost = false;
  const upstream = await startHttp(async (request, response) => {
    if (request.method === 'GET') {
      streams.push(response);
      return void openEvents(response);
    }
    if (request.method === 'DELETE') return void response.writeHead(200).end();
    const { id, method, params } = JSON.parse(await readText(request));
    if (id === undefined) return void response.writeHead(202).end();
    if (lost && method !== 'initialize') {
      lost = false;
      return void response.writeHead(404).end();
    }
    const reply = (result: object) => sendJson(response, { jsonrpc: '2.0', id, result });
    if (method === 'initialize') {
      response.setHeader('mcp-session-id', `s${(sessions += 1)}`);
      const capabilities = { resources: { subscribe: true }, logging: {} };
      return void reply({ protocolVersion: '2025-06-18', capabilities, serverInfo: { name: 's', version: '1' } });
    }
    if (method === 'server/discover')
      return void sendJson(response, { jsonrpc: '2.0', id, error: { code: -32601, message: 'no' } });
    if (method.startsWith('resources/') || method === 'logging/setLevel') uris.push([method, params.uri ?? params.level]);
    reply({ tools: [] });
  });
  const server = makeServerAt(upstream.url);
  const { pool } = startPool([server]);
  const client = makeClient('a', {}, 'warning');
  const conversation = await pool.requireUpstream(server).open(client, never);
  const uri = 'file:///notes.txt';
  const ask = (method: string) => conversation.request({ method, params: { uri }, signal: never });
  await ask('resources/subscribe');
  await ask('resources/subscribe');
  expect(uris).toEqual([
    ['logging/setLevel', 'warning'],
    ['resources/subscribe', uri],
  ]);
  uris.length = 0;
  lost = true;
  await conversation.request({ method: 'prompts/list', params: {}, signal: never });
  await expect.poll(() => uris.length).toBe(2);
  expect(uris).toEqual(
    expect.arrayContaining([
      ['logging/setLevel', 'warning'],
      ['resources/subscribe', uri],
    ]),
  );
  await expect.poll(() => streams.length).toBe(2);
  streams[1]!.write(`data: {"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"${uri}"}}\n\n`);
  await expect.poll(() => client.heard.map(({ message }) => message.params)).toEqual([{ uri }]);
  uris.length = 0;
  await ask('resources/unsubscribe');
  await ask('resources/unsubscribe');
  expect(uris).toEqual([['resources/unsubscribe', uri]]);
});
