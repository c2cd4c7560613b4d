import type { ServerResponse } from 'node:http';

import { expect, test } from 'vitest';

import { ECHO, makeServerAt, readText, startHttp } from '../support/servers/upstreams.ts';
import { sendJson, type Asked } from './handmade.ts';
import { makeCall, makeClient, never, readAnswerText, startPool } from './harness.ts';

/** A server whose two sides are switched by hand. `initialize`: how the older one answers it; left out, it opens a session. */
async function startSides() {
  const sides = {
    newer: true,
    initialize: null as ((response: ServerResponse, message: Asked) => unknown) | null,
    asked: [] as string[],
  };
  let opened = 0;
  const upstream = await startHttp(async (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(request.method === 'DELETE' ? 200 : 405).end();
    const message: Asked = JSON.parse(await readText(request));
    const { id, method } = message;
    sides.asked.push(method);
    const reply = (body: object, status = 200) => void sendJson(response, { jsonrpc: '2.0', id, ...body }, status);
    const session = request.headers['mcp-session-id'];
    const isNewer = request.headers['mcp-protocol-version'] === '2026-07-28';
    if (isNewer && !sides.newer) return void response.writeHead(400, { 'content-type': 'text/plain' }).end('No valid session ID');
    switch (method) {
      case 'server/discover':
        return reply({ result: { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: { tools: {} } } });
      case 'initialize':
        if (sides.initialize) return void sides.initialize(response, message);
        response.setHeader('mcp-session-id', `session-${(opened += 1)}`);
        return reply({ result: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 's' } } });
      case 'tools/list':
        return reply({ result: { resultType: 'complete', tools: [ECHO], ttlMs: 0, cacheScope: 'private' } });
      case 'tools/call':
        return reply({ result: { resultType: 'complete', content: [{ type: 'text', text: String(session ?? 'newer side') }] } });
      default:
        return void response.writeHead(202).end();
    }
  });
  let passed = 0;
  const server = makeServerAt(upstream.url, undefined, { limits: { startMs: 600_000 } });
  const { pool } = startPool([server], { readClock: () => performance.now() + passed });
  const call = async (name: string, era: 'legacy' | 'modern') => {
    const conversation = await pool.requireUpstream(server).open({ ...makeClient(name), era }, never);
    return readAnswerText(await conversation.callTool(makeCall(ECHO, { text: 'x' })));
  };
  const count = (method: string) => sides.asked.filter((asked) => asked === method).length;
  return { sides, pool, call, count, wait: (ms: number) => (passed += ms) };
}

test('a server that swallows what the older protocol begins with keeps no client of it waiting for long, and later none at all', async () => {
  const { sides, call, count, wait } = await startSides();
  const swallowed: ServerResponse[] = [];
  sides.initialize = (response) => swallowed.push(response);
  expect(await call('a', 'legacy')).toBe('newer side');
  expect(await call('b', 'legacy')).toBe('newer side');
  expect(count('initialize')).toBe(1);
  for (const response of swallowed) response.destroy();
  await expect.poll(() => call('c', 'legacy')).toBe('newer side');
  wait(3_600_000);
  // asked again behind the call, which does not wait for it
  expect(await call('d', 'legacy')).toBe('newer side');
  await expect.poll(() => count('initialize')).toBe(2);
  expect(await call('e', 'legacy')).toBe('newer side');
});

test('what is found out later about the older side holds from then on', async () => {
  const { sides, call, wait, count } = await startSides();
  sides.initialize = (response) => response.writeHead(404).end();
  expect(await call('a', 'legacy')).toBe('newer side');
  sides.initialize = null;
  wait(3_600_000);
  expect(await call('a', 'legacy')).toBe('newer side');
  await expect.poll(() => call('a', 'legacy')).toMatch(/^session-/);
  // and when it is gone again, only the call that meets this is told
  sides.initialize = (response) => response.writeHead(404).end();
  const before = count('initialize');
  await expect(call('other', 'legacy')).rejects.toMatchObject({ code: 'upstream_protocol' });
  expect(await call('other', 'legacy')).toBe('newer side');
  expect(count('initialize')).toBeGreaterThan(before);
});

test('a session of one client never stands where all clients look for theirs, whenever the newer side breaks', async () => {
  const { sides, pool, call } = await startSides();
  const held: (() => void)[] = [];
  sides.initialize = (response) => held.push(() => response.writeHead(404).end());
  const early = ['early', 'twin'].map((name) => call(name, 'legacy'));
  await expect.poll(() => held.length).toBe(1);
  // the newer side breaks while the older one is asked for
  expect(await call('m', 'modern')).toBe('newer side');
  sides.newer = false;
  sides.initialize = null;
  const late = await call('m', 'modern');
  for (const answer of held) answer();
  const all = [late, ...(await Promise.all(early)), await call('n', 'modern'), await call('o', 'legacy')];
  expect(all).toEqual(all.map(() => expect.stringMatching(/^session-/) as string));
  expect(new Set(all).size).toBe(all.length);
  expect(pool.listHealth()).toMatchObject([{ connections: all.length }]);
});

test('a server of the older protocol is asked whether it was renewed while calls go on', async () => {
  const { sides, call, count, wait } = await startSides();
  sides.newer = false;
  expect(await call('a', 'modern')).toMatch(/^session-/);
  sides.newer = true;
  wait(3_600_000);
  expect(await call('a', 'modern')).toMatch(/^session-/);
  await expect.poll(() => call('a', 'modern')).toBe('newer side');
  expect(count('server/discover')).toBe(2);
});
