import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import type { Tool } from '@modelcontextprotocol/server';
import { expect, onTestFinished, test } from 'vitest';

import { makeProfile, makeTool } from '@gatehouse/policy/testing/build';

import type { RpcAnswer } from '../../src/wire/json-rpc.ts';
import { startGateway } from '../support/agent/gateway.ts';
import { buildLegacyCall, openSession, post } from '../support/clients/clients.ts';
import { openRest, readTools } from '../support/servers/rest.ts';
import { ECHO, makeServerAt, readText, startHttp } from '../support/servers/upstreams.ts';
import { makeCall, makeClient, never, startPool, readAnswerText } from './harness.ts';

const CALLS = 20;
const PIECE = 64 * 1024;
/** more than a room's together */
const BIG = 'x'.repeat(6_000_000);

type Form = 'with its length' | 'in chunks' | 'and the connection closed';

/** Sends the answers of all calls side by side, and the end of any of them only when nobody takes more of all the others, and `pause` is over. */
function collectAnswers(type: string, form: Form, pause: () => Promise<unknown> = nextTurn) {
  const answers: { response: ServerResponse; text: string; sent: number }[] = [];
  return (response: ServerResponse, text: string, isFirst = false): void => {
    response.writeHead(200, {
      'content-type': type,
      ...(form === 'with its length' && { 'content-length': text.length }),
      ...(form === 'and the connection closed' && { connection: 'close' }),
    });
    answers.splice(isFirst ? 0 : answers.length, 0, { response, text, sent: 0 });
    if (answers.length === CALLS) void sendAll();
  };
  async function sendAll() {
    for (let stuck = 0; stuck < 200; stuck += 1) {
      for (const answer of answers) {
        const { response, text, sent } = answer;
        if (response.writableNeedDrain || text.length - sent <= PIECE) continue;
        response.write(text.slice(sent, sent + PIECE));
        answer.sent += PIECE;
        stuck = 0;
      }
      await nextTurn();
    }
    await pause();
    for (const { response, text, sent } of answers) response.end(text.slice(sent));
  }
}

const [FIRST, SILENT] = ['first', 'silent'].map((name): Tool => ({ ...ECHO, name })) as [Tool, Tool];

/** With a session in the older era. Each call is answered with a large text, but one tool says nothing; of all answers that of `first` begins first. */
async function startLargeServer(era: 'legacy' | 'modern', form: Form, pause?: () => Promise<unknown>) {
  const capabilities = { tools: {} };
  const results: Record<string, object> = {
    initialize: { protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 'large', version: '1' } },
    'server/discover': { supportedVersions: ['2026-07-28'], capabilities, resultType: 'complete' },
    'tools/list': { tools: [ECHO, FIRST, SILENT], resultType: 'complete', ttlMs: 0, cacheScope: 'private' },
    'tools/call': { content: [{ type: 'text', text: BIG }], resultType: 'complete' },
  };
  const answer = collectAnswers('application/json', form, pause);
  return startHttp(async (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const { id, method, params } = JSON.parse(await readText(request));
    if (id === undefined) return void response.writeHead(202).end();
    const isUnknown = method === (era === 'modern' ? 'initialize' : 'server/discover');
    const body = isUnknown ? { error: { code: -32601, message: 'unknown' } } : { result: results[method] };
    if (method === 'initialize' && era === 'legacy') response.setHeader('mcp-session-id', 'one');
    const text = JSON.stringify({ jsonrpc: '2.0', id, ...body });
    if (method === 'tools/call') {
      if (params.name !== SILENT.name) answer(response, text, params.name === FIRST.name);
      return;
    }
    response.writeHead(isUnknown ? 400 : 200, { 'content-type': 'application/json' }).end(text);
  });
}

/** What became of calls that were made at once: how often each. */
async function countOutcomes(call: () => Promise<RpcAnswer>): Promise<Record<string, number>> {
  const name = (answer: RpcAnswer) => (readAnswerText(answer) === BIG ? 'whole' : readAnswerText(answer).slice(0, 200));
  return countSame(await Promise.all(Array.from({ length: CALLS }, () => call().then(name, String))));
}

test.for<readonly ['legacy' | 'modern', Form]>([
  ['legacy', 'with its length'],
  ['legacy', 'in chunks'],
  ['legacy', 'and the connection closed'],
  ['modern', 'with its length'],
] as const)('T-57: many large answers at once all come whole: a %s server, sent %s', { timeout: 30_000 }, async ([era, form]) => {
  const server = makeServerAt((await startLargeServer(era, form)).url);
  const { pool } = startPool([server]);
  const conversation = await pool.requireUpstream(server).open(makeClient('a'), never);
  expect(conversation.era).toBe(era);
  const signal = AbortSignal.timeout(20_000);
  const waits: Promise<void>[] = [];
  const onNoRoom = (over: Promise<void>) => void waits.push(over);
  const call = () => conversation.callTool(makeCall(ECHO, { text: 'x' }, { signal, onNoRoom }));
  expect(await countOutcomes(call)).toEqual({ whole: CALLS });
  // who waits for them is told, so that this is not counted as the server's time
  expect(waits.length).toBeGreaterThan(0);
  await Promise.all(waits);
  expect(pool.listHealth()).toMatchObject([{ state: 'connected', retryAt: null }]);
});

test('T-57: many large answers of an API at once all come whole', async () => {
  const answer = collectAnswers('text/plain', 'in chunks');
  const api = await startHttp((_request, response) => answer(response, BIG));
  const { call } = openRest(new URL(api.url).origin);
  const definition = readTools({ '/big': { get: { operationId: 'big', responses: { 200: { description: 'all of it' } } } } }).get(
    'big',
  );
  const signal = AbortSignal.timeout(20_000);
  expect(await countOutcomes(() => call(definition ?? ECHO, {}, signal))).toEqual({ whole: CALLS });
}, 30_000);

test('T-57: the time in which an answer waits for room in this agent is not the time of its server', async () => {
  const stuck = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const upstream = await startLargeServer('legacy', 'with its length', () => {
    stuck.resolve();
    return over.promise;
  });
  const limits = { answerMs: 8_000, tools: [{ name: FIRST.name, answerMs: 600_000 }] };
  const server = makeServerAt(upstream.url, undefined, { name: 'Large', limits });
  const profile = makeProfile([ECHO, FIRST, SILENT].map((tool) => makeTool(server, tool)));
  const gateway = await startGateway({ servers: [server], profiles: [profile] });
  const calls = [FIRST, ...Array.from({ length: CALLS - 1 }, () => ECHO)].map(({ name }, at) =>
    buildLegacyCall(name, { text: 'x' }, at),
  );
  const headers = await openSession(gateway.url, gateway.secret);
  const reading = readInThread(gateway.url, headers, calls);
  await stuck.promise;
  // one that the server does not answer, and that began after all the others, reaches the limit
  const silent = await post(gateway.url, buildLegacyCall(SILENT.name, { text: 'x' }), headers);
  expect(await silent.text()).toContain("Large did not begin to answer within 8 s (server limit 'answer')");
  over.resolve();
  expect(countSame(await reading)).toEqual({ whole: CALLS });
}, 60_000);

/** What a client of its own reads, which does nothing else: for each call whether its answer came whole, else what came. */
async function readInThread(url: string, headers: Record<string, string>, calls: readonly object[]): Promise<string[]> {
  const worker = new Worker(READER, { eval: true, workerData: { url, headers, calls, least: BIG.length } });
  onTestFinished(async () => void (await worker.terminate()));
  const [read] = await once(worker, 'message');
  return read;
}

const READER = `
const { parentPort, workerData: { url, headers, calls, least } } = require('node:worker_threads');
const read = async (call) => {
  const accept = 'application/json, text/event-stream';
  const sent = { ...headers, accept, 'content-type': 'application/json' };
  const text = await (await fetch(url, { method: 'POST', headers: sent, body: JSON.stringify(call) })).text();
  return text.length > least ? 'whole' : text;
};
Promise.all(calls.map((call) => read(call).catch(String))).then((read) => parentPort.postMessage(read));
`;

function countSame(outcomes: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    Array.from(
      Map.groupBy(outcomes, (outcome) => outcome),
      ([outcome, same]) => [outcome, same.length],
    ),
  );
}
