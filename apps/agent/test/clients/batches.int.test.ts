import { expect, test } from 'vitest';

import { makeProfile, makeTool } from '@gatehouse/policy/testing/build';

import { startGateway } from '../support/agent/gateway.ts';
import { buildAuthorization, buildLegacyCall, parseMessages, post } from '../support/clients/clients.ts';
import { ECHO, makeServerAt } from '../support/servers/upstreams.ts';
import { openEvents, sendJson, startHandmade } from '../upstream/handmade.ts';

const note = { jsonrpc: '2.0', method: 'notifications/progress', params: {} };
const ping = (id: unknown) => ({ jsonrpc: '2.0', id, method: 'ping' });

async function startBatchGateway(protocolVersion = '2025-03-26') {
  const upstream = await startHandmade(
    ({ id, params }, response) => {
      const { text = '', progress } = params['arguments'] as { text?: string; progress?: boolean };
      const answer = { id, result: { content: [{ type: 'text', text: text.repeat(text === 'long' ? 1_000_000 : 1) }] } };
      if (!progress) return sendJson(response, { jsonrpc: '2.0', ...answer });
      const { progressToken } = params['_meta'] as { progressToken: unknown };
      const event = openEvents(response);
      event({ method: 'notifications/progress', params: { progressToken, progress: 1 } });
      event(answer);
      response.end();
    },
    { tools: [TOOL] },
  );
  const server = makeServerAt(upstream.url);
  const gateway = await startGateway({ servers: [server], profiles: [makeProfile([makeTool(server, { ...TOOL })])] });
  const key = buildAuthorization(gateway.secret);
  const params = { protocolVersion, capabilities: {}, clientInfo: { name: 'raw', version: '0' } };
  const opened = await post(gateway.url, { jsonrpc: '2.0', id: 0, method: 'initialize', params }, key);
  const session = { ...key, 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
  const calls = () => upstream.asked.filter(({ method }) => method === 'tools/call').length;
  return {
    gateway,
    key,
    session,
    calls,
    send: (body: unknown, headers: Record<string, string> = session) => post(gateway.url, body, headers),
  };
}

const TOOL = { ...ECHO, inputSchema: { type: 'object' as const, properties: { text: {}, progress: {} } } };

test('a batch in a session of 2025-03-26 is answered message by message, and each call has its receipt', async () => {
  const { gateway, send, calls } = await startBatchGateway();
  const response = await send([
    ping('p'),
    note,
    buildLegacyCall('echo', { text: 'one' }, 1),
    buildLegacyCall('echo', { other: 1 }, 2),
    { jsonrpc: '2.0', id: 3, method: 'tools/list' },
    { jsonrpc: '2.0', id: 4, method: 'none/such' },
    { jsonrpc: '2.0', id: 5, method: 'initialize', params: {} },
    'no message',
    buildLegacyCall('nobody', {}, 6),
  ]);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
  const answers = (await response.json()) as { id: unknown }[];
  expect(answers).toHaveLength(8);
  const find = (id: unknown) => answers.find((answer) => answer.id === id);
  expect(find('p')).toEqual({ jsonrpc: '2.0', id: 'p', result: {} });
  expect(find(1)).toMatchObject({ result: { content: [{ text: 'one' }] } });
  expect(find(2)).toMatchObject({ result: { isError: true } });
  expect(find(3)).toMatchObject({ result: { tools: [{ name: 'echo' }] } });
  expect([find(4), find(5), find(null)]).toMatchObject([
    { error: { code: -32601 } },
    { error: { code: -32600 } },
    { error: { code: -32600 } },
  ]);
  expect(find(6)).toMatchObject({ error: { code: -32602 } });
  expect(calls()).toBe(1);
  await expect
    .poll(() => gateway.journal.finished.map(({ reasonCode }) => reasonCode).toSorted())
    .toEqual(['arguments_invalid', 'ok', 'request_malformed', 'tool_unknown']);
  expect(new Set(gateway.journal.finished.map(({ callId }) => callId)).size).toBe(4);
});

test('what comes before an answer makes the batch a stream, and so do long answers', async () => {
  const { send } = await startBatchGateway();
  const call = { ...buildLegacyCall('echo', { text: 'x', progress: true }, 1) };
  const withToken = { ...call, params: { ...call.params, _meta: { progressToken: 't' } } };
  const streamed = await send([withToken, ping(2)]);
  expect(streamed.headers.get('content-type')).toBe('text/event-stream');
  const messages = parseMessages(await streamed.text());
  expect(new Set(messages.map(({ id, method }) => id ?? method))).toEqual(new Set([1, 2, 'notifications/progress']));
  const long = await send([1, 2, 3].map((id) => buildLegacyCall('echo', { text: 'long' }, id)));
  const answers = parseMessages(await long.text());
  expect(new Set(answers.map(({ id }) => id))).toEqual(new Set([1, 2, 3]));
  expect(JSON.stringify(answers).length).toBeGreaterThan(12_000_000);
});

test('T-57: answers that are too long for one list are refused where the client takes no stream, and the others come', async () => {
  const { gateway, send, session, calls } = await startBatchGateway();
  const ids = Array.from({ length: 9 }, (_, id) => id);
  const response = await send(
    ids.map((id) => buildLegacyCall('echo', { text: 'long' }, id)),
    { ...session, accept: 'application/json' },
  );
  const text = await response.text();
  const answers = JSON.parse(text) as { id: number; error?: object }[];
  expect(new Set(answers.map(({ id }) => id))).toEqual(new Set(ids));
  expect(answers).toHaveLength(ids.length);
  expect(text.length).toBeLessThan(24 * 1024 * 1024);
  expect(text.length).toBeGreaterThan(20_000_000);
  const refused = answers.filter(({ error }) => error !== undefined);
  expect(refused).toHaveLength(3);
  for (const { error } of refused)
    expect(error).toEqual({
      code: -32603,
      message: expect.stringContaining('Send fewer messages in one batch, or accept text/event-stream.'),
    });
  expect(calls()).toBe(9);
  await expect
    .poll(() => gateway.journal.finished.map(({ reasonCode }) => reasonCode).toSorted())
    .toEqual([...Array<string>(3).fill('answer_unread'), ...Array<string>(6).fill('ok')]);
});

test('a batch without requests is only taken', async () => {
  const { send } = await startBatchGateway();
  const response = await send([note, note, { jsonrpc: '2.0', id: 9, result: {} }]);
  expect([response.status, await response.text()]).toEqual([202, '']);
});

test.each([
  ['no messages', [], {}],
  ['more messages than are taken at a time', Array.from({ length: 101 }, (_, id) => ping(id)), {}],
  ['no session', [ping(1)], { 'mcp-session-id': '' }],
])('a batch with %s is refused as a whole', async (_, body, headers) => {
  const { gateway, session, send } = await startBatchGateway();
  const response = await send(body, { ...session, ...headers });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ id: null, error: { code: -32600 } });
  expect(gateway.journal.finished).toMatchObject([{ reasonCode: 'request_malformed' }]);
});

test.each(['2024-11-05', '2025-06-18', '2025-11-25'])('a batch in a session of %s is refused', async (revision) => {
  const { send, calls } = await startBatchGateway(revision);
  const response = await send([buildLegacyCall('echo', { text: 'x' })]);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { code: -32600, message: 'Send one message at a time, not a batch.' } });
  expect(calls()).toBe(0);
});
