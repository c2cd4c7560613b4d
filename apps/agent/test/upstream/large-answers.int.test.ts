import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { expect, test } from 'vitest';

import type { RpcAnswer } from '../../src/wire/json-rpc.ts';
import { openRest, readTools } from '../support/servers/rest.ts';
import { ECHO, makeServerAt, readText, startHttp } from '../support/servers/upstreams.ts';
import { makeCall, makeClient, never, startPool, readAnswerText } from './harness.ts';

const CALLS = 20;
const PIECE = 64 * 1024;
/** more than a room's together */
const BIG = 'x'.repeat(6_000_000);

type Form = 'with its length' | 'in chunks' | 'and the connection closed';

/** Sends the answers of all calls side by side, and the end of any of them only when nobody takes more of all the others. */
function collectAnswers(type: string, form: Form) {
  const answers: { response: ServerResponse; text: string; sent: number }[] = [];
  return (response: ServerResponse, text: string): void => {
    response.writeHead(200, {
      'content-type': type,
      ...(form === 'with its length' && { 'content-length': text.length }),
      ...(form === 'and the connection closed' && { connection: 'close' }),
    });
    if (answers.push({ response, text, sent: 0 }) === CALLS) void sendAll();
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
    for (const { response, text, sent } of answers) response.end(text.slice(sent));
  }
}

/** With a session in the older era. Each call is answered with a large text. */
async function startLargeServer(era: 'legacy' | 'modern', form: Form) {
  const capabilities = { tools: {} };
  const results: Record<string, object> = {
    initialize: { protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 'large', version: '1' } },
    'server/discover': { supportedVersions: ['2026-07-28'], capabilities, resultType: 'complete' },
    'tools/list': { tools: [ECHO], resultType: 'complete', ttlMs: 0, cacheScope: 'private' },
    'tools/call': { content: [{ type: 'text', text: BIG }], resultType: 'complete' },
  };
  const answer = collectAnswers('application/json', form);
  return startHttp(async (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const { id, method } = JSON.parse(await readText(request));
    if (id === undefined) return void response.writeHead(202).end();
    const isUnknown = method === (era === 'modern' ? 'initialize' : 'server/discover');
    const body = isUnknown ? { error: { code: -32601, message: 'unknown' } } : { result: results[method] };
    if (method === 'initialize' && era === 'legacy') response.setHeader('mcp-session-id', 'one');
    const text = JSON.stringify({ jsonrpc: '2.0', id, ...body });
    if (method === 'tools/call') return answer(response, text);
    response.writeHead(isUnknown ? 400 : 200, { 'content-type': 'application/json' }).end(text);
  });
}

/** What became of calls that were made at once: how often each. */
async function countOutcomes(call: () => Promise<RpcAnswer>): Promise<Record<string, number>> {
  const outcomes: Record<string, number> = {};
  const count = (outcome: string) => void (outcomes[outcome] = (outcomes[outcome] ?? 0) + 1);
  await Promise.all(
    Array.from({ length: CALLS }, () =>
      call().then(
        (answer) => count(readAnswerText(answer) === BIG ? 'whole' : readAnswerText(answer).slice(0, 200)),
        (error: unknown) => count(String(error)),
      ),
    ),
  );
  return outcomes;
}

test.for<['legacy' | 'modern', Form]>([
  ['legacy', 'with its length'],
  ['legacy', 'in chunks'],
  ['legacy', 'and the connection closed'],
  ['modern', 'with its length'],
])('T-57: many large answers at once all come whole: a %s server, sent %s', async ([era, form]) => {
  const server = makeServerAt((await startLargeServer(era, form)).url);
  const { pool } = startPool([server]);
  const conversation = await pool.requireUpstream(server).open(makeClient('a'), never);
  expect(conversation.era).toBe(era);
  const signal = AbortSignal.timeout(20_000);
  expect(await countOutcomes(() => conversation.callTool(makeCall(ECHO, { text: 'x' }, { signal })))).toEqual({ whole: CALLS });
  expect(pool.listHealth()).toMatchObject([{ state: 'connected', retryAt: null }]);
}, 30_000);

test('T-57: many large answers of an API at once all come whole', async () => {
  const answer = collectAnswers('text/plain', 'in chunks');
  const api = await startHttp((_request, response) => answer(response, BIG));
  const { call } = openRest(new URL(api.url).origin);
  const definition = readTools({ '/big': { get: { operationId: 'big', responses: { 200: { description: 'all of it' } } } } }).get('big');
  const signal = AbortSignal.timeout(20_000);
  expect(await countOutcomes(() => call(definition ?? ECHO, {}, signal))).toEqual({ whole: CALLS });
}, 30_000);
