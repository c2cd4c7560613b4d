import { expect, test } from 'vitest';

import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import type { JsonObject } from '@gatehouse/policy/documents/json';
import { makeServer } from '@gatehouse/policy/testing/build';

import type { ServerMessage } from '../../src/wire/json-rpc.ts';
import { chooseRounds } from '../support/drill.ts';
import { makeScriptEntry, withEntries } from '../support/servers/stdio.ts';
import { ECHO, makeServerAt, startModernUpstream } from '../support/servers/upstreams.ts';
import { openEvents, sendJson, startHandmade } from './handmade.ts';
import { makeCall, makeClient, never, startPool, readAnswerText } from './harness.ts';

const RUN: ToolDefinition = { name: 'run', inputSchema: { type: 'object' } };

/** Answers in an order of its own, after three progress notes. */
const SHUFFLED = `const { canary } = message.params.arguments;
const progressToken = message.params._meta?.progressToken;
for (let progress = 1; progress <= 3; progress += 1) {
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
  send({ method: 'notifications/progress', params: { progressToken, progress, message: canary } });
}
reply(canary);`;

test('T-43: over one process no answer and no progress note of 200 clients with equal tokens goes to another', async () => {
  const server = makeServer({ transport: { kind: 'stdio', entry: 'script', processes: 'shared' } });
  const { pool } = startPool([server], { guardrails: withEntries({ script: makeScriptEntry(SHUFFLED) }) });
  let mismatches = 0;
  const call = async (canary: string) => {
    const heard: ServerMessage[] = [];
    const conversation = await pool.requireUpstream(server).open(makeClient(`client ${canary}`), never);
    const meta = { progressToken: 0 };
    const answer = await conversation.callTool(makeCall(RUN, { canary }, { meta, onMessage: (message) => heard.push(message) }));
    const progress = heard.map(({ params }) => [params?.['progressToken'], params?.['progress'], params?.['message']]);
    const right = [1, 2, 3].map((step) => [0, step, canary]);
    if (readAnswerText(answer) !== canary || JSON.stringify(progress) !== JSON.stringify(right)) mismatches += 1;
  };
  for (let round = 0; round < chooseRounds(100); round += 1) {
    await Promise.all(Array.from({ length: 200 }, (_, index) => call(`canary ${round}-${index}`)));
  }
  expect(mismatches).toBe(0);
});

test('T-43, T-59: a server that several clients share is offered nothing and can ask nobody, and what belongs to nobody is dropped', async () => {
  const script = `globalThis.answers ??= [];
if (message.params.arguments.wait) return void (globalThis.waiting = reply);
send({ method: 'notifications/message', params: { level: 'info', data: 'whose is it?' } });
send({ method: 'sampling/createMessage', id: 'steal', params: {} });
globalThis.finish = () => { reply(JSON.stringify([globalThis.capabilities, globalThis.answers])); globalThis.waiting('done'); };`;
  const listen = `import { stdin } from 'node:process';
import { createInterface as reader } from 'node:readline';
reader({ input: stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  if (message.method === 'initialize') globalThis.capabilities = message.params.capabilities;
  if (message.id === 'steal') { globalThis.answers.push(message.error?.code ?? 'answered'); globalThis.finish(); }
});`;
  const server = makeServer({ transport: { kind: 'stdio', entry: 'script', processes: 'shared' } });
  const { pool } = startPool([server], { guardrails: withEntries({ script: makeScriptEntry(script, listen) }) });
  const [a, b] = [makeClient('a', { sampling: {} }), makeClient('b', { sampling: {} })];
  const heard: ServerMessage[] = [];
  const call = async (client: typeof a, args: JsonObject) => {
    const conversation = await pool.requireUpstream(server).open(client, never);
    return readAnswerText(await conversation.callTool(makeCall(RUN, args, { onMessage: (message) => heard.push(message) })));
  };
  const first = call(a, { wait: true });
  // both calls are under way when the server speaks up
  const second = call(b, {});
  expect([await first, JSON.parse(await second)]).toEqual(['done', [{}, [-32601]]]);
  expect([heard, a.heard, b.heard]).toEqual([[], [], []]);
});

test('T-43: over one process of its own a client is asked, and what has no token comes with its newest call', async () => {
  const script = `globalThis.pending = reply;
send({ method: 'notifications/message', params: { level: 'info', data: 'hello' } });
send({ method: 'elicitation/create', id: 'q', params: {} });`;
  const listen = `import { createInterface as reader } from 'node:readline';
reader({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  if (message.id === 'q' && message.result) globalThis.pending(JSON.stringify(message.result));
});`;
  const server = makeServer({ transport: { kind: 'stdio', entry: 'script', processes: 'per_session' } });
  const { pool } = startPool([server], { guardrails: withEntries({ script: makeScriptEntry(script, listen) }) });
  const conversation = await pool.requireUpstream(server).open(makeClient('a', { elicitation: {} }), never);
  const heard: string[] = [];
  const onMessage = ({ id, method }: ServerMessage) => {
    heard.push(method);
    if (id !== undefined) void conversation.answer(id, { result: { action: 'accept' } });
  };
  expect(readAnswerText(await conversation.callTool(makeCall(RUN, {}, { onMessage })))).toBe('{"action":"accept"}');
  expect(heard).toEqual(['notifications/message', 'elicitation/create']);
  // only what was asked is answered
  await conversation.answer('never asked', { result: {} });
});

test('T-43: 200 clients over HTTP, each its own answer, in both protocols', async () => {
  const modern = await startModernUpstream({
    tools: [ECHO],
    call: async (_name, args) => {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
      return { content: [{ type: 'text', text: String(args['text']) }] };
    },
  });
  const legacy = await startHandmade(async ({ id, params }, response) => {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
    const { text } = params['arguments'] as { text: string };
    openEvents(response)({ id, result: { content: [{ type: 'text', text }] } });
    response.end();
  });
  const servers = [makeServerAt(modern.url), makeServerAt(legacy.url, undefined, { slug: 'legacy' })];
  const { pool } = startPool(servers);
  let mismatches = 0;
  const call = async (server: (typeof servers)[number], client: number, canary: string) => {
    const conversation = await pool.requireUpstream(server).open(makeClient(`client ${client}`), never);
    if (readAnswerText(await conversation.callTool(makeCall(ECHO, { text: canary }))) !== canary) mismatches += 1;
  };
  for (let round = 0; round < chooseRounds(40); round += 1) {
    await Promise.all(
      servers.flatMap((server) =>
        Array.from({ length: 200 }, (_, client) => call(server, client, `${server.slug} ${round} ${client}`)),
      ),
    );
  }
  expect(mismatches).toBe(0);
  expect(pool.listHealth().map(({ connections }) => connections)).toEqual([1, 200]);
});

test('one request that is cut off does not end the others on the same connection', async () => {
  const waiting = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const upstream = await startHandmade(async ({ id, params }, response) => {
    const { text } = params['arguments'] as { text: string };
    if (text === 'cut') return response.destroy();
    if (text === 'wait') {
      waiting.resolve();
      await go.promise;
    }
    sendJson(response, { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } });
  });
  const server = makeServerAt(upstream.url);
  const { pool } = startPool([server]);
  const call = async (text: string) => {
    const conversation = await pool.requireUpstream(server).open(makeClient('a'), never);
    return readAnswerText(await conversation.callTool(makeCall(ECHO, { text })));
  };
  const long = call('wait');
  await waiting.promise;
  await expect(call('cut')).rejects.toMatchObject({ code: 'upstream_unreachable' });
  expect(await call('next')).toBe('next');
  go.resolve();
  expect(await long).toBe('wait');
});
