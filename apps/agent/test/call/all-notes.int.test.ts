import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { ServerLimits } from '@gatehouse/policy/documents/server-limits';
import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import { makeProfile, makeServer, makeTool } from '@gatehouse/policy/testing/build';

import { startGateway, type UpstreamSetup } from '../support/agent/gateway.ts';
import { buildLegacyCall, createMessageReader, openSession, parseMessages, post } from '../support/clients/clients.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';
import { makeScriptEntry, withEntries } from '../support/servers/stdio.ts';
import { ECHO, makeServerAt } from '../support/servers/upstreams.ts';
import { openEvents, startHandmade, type Answer } from '../upstream/handmade.ts';

const NAMES = ['log messages', 'progress'] as const;

function buildNote(name: (typeof NAMES)[number], n: number, progressToken: unknown, text = '') {
  return name === 'progress'
    ? { method: 'notifications/progress', params: { progressToken, progress: n, message: text } }
    : { method: 'notifications/message', params: { level: 'info', data: `${n}${text}` } };
}

/** Says so many things before its answer, on the stream of the request. */
function sayMuch(name: (typeof NAMES)[number], count: number, text = '', onSent = (_n: number) => {}): Answer {
  return async ({ id, params }, response) => {
    const send = openEvents(response);
    const { progressToken } = (params['_meta'] ?? {}) as { progressToken?: unknown };
    for (let n = 0; n < count; n += 1) {
      send(buildNote(name, n, progressToken, text));
      onSent(n);
      if (response.writableNeedDrain) await once(response, 'drain');
    }
    send({ id, result: { content: [{ type: 'text', text: 'done' }] } });
    response.end();
  };
}

async function openGateway(server: SnapshotServer, tool: typeof ECHO | typeof RUN, setup: Omit<UpstreamSetup, 'servers'> = {}) {
  const profile = makeProfile([makeTool(server, tool)]);
  const gateway = await startGateway({ servers: [server], profiles: [profile], ...setup });
  const headers = await openSession(gateway.url, gateway.secret);
  const args = tool === ECHO ? { text: 'x' } : {};
  const built = buildLegacyCall(tool.name, args);
  const message = { ...built, params: { ...built.params, _meta: { progressToken: 'token' } } };
  return { gateway, headers, call: (signal?: AbortSignal) => post(gateway.url, message, headers, signal) };
}

const RUN = { name: 'run', inputSchema: { type: 'object' as const } };

function readNote({ params }: Record<string, unknown>): number {
  const { data, progress } = params as { data?: string; progress?: number };
  return progress ?? Number.parseInt(data ?? '', 10);
}

test.each(NAMES)('all %s before an answer reach the client, in their order', async (name) => {
  const upstream = await startHandmade(sayMuch(name, 3_000));
  const { call } = await openGateway(makeServerAt(upstream.url), ECHO);
  const messages = parseMessages(await (await call()).text());
  expect(messages.at(-1)).toMatchObject({ result: { content: [{ text: 'done' }] } });
  expect(messages.slice(0, -1).map(readNote)).toEqual(Array.from({ length: 3_000 }, (_, n) => n));
});

test('T-57: a client that reads slowly holds its server back, loses nothing, and that is not on the time of the server', async () => {
  const limits: ServerLimits = { answerMs: 1_000, silenceMs: 1_000 };
  const count = 30_000;
  let sent = 0;
  const upstream = await startHandmade(sayMuch('log messages', count, 'x'.repeat(1_000), (n) => (sent = n)));
  const slow = await openGateway(makeServerAt(upstream.url, undefined, { limits }), ECHO, { maxAnswerBytes: 1 << 26 });
  const reader = createMessageReader(await slow.call());
  expect(readNote(await reader.next())).toBe(0);
  // nothing more is taken of the server: two looks that see the same, further apart than its limits
  let before = -1;
  await expect
    .poll(
      () => {
        const isStill = sent === before;
        before = sent;
        return isStill;
      },
      { interval: 1_500 },
    )
    .toBe(true);
  expect(sent).toBeLessThan(count);
  for (let n = 1; n < count; n += 1) expect(readNote(await reader.next())).toBe(n);
  expect(await reader.next()).toMatchObject({ result: { content: [{ text: 'done' }] } });
}, 60_000);

test('T-57: of what a program says the newest is kept while its client does not read, and the client is told how much was dropped', async () => {
  const count = 20_000;
  const done = join(makeTempDir(), 'done');
  const onCall = `
    for (let n = 0; n < ${count}; n += 1) {
      const more = process.stdout.write(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: n + 'x'.repeat(1000) } }) + '\\n');
      if (!more) await new Promise((next) => process.stdout.once('drain', next));
    }
    reply('done');
    process.stdout.write('', () => import('node:fs').then(({ writeFileSync }) => writeFileSync(${JSON.stringify(done)}, '')));`;
  const server = makeServer({ name: 'Orders', transport: { kind: 'stdio', entry: 'orders', processes: 'shared' } });
  const guardrails = withEntries({ orders: makeScriptEntry(onCall) });
  const { call } = await openGateway(server, RUN, { guardrails });
  const response = await call();
  // the program is done although nobody reads
  await expect.poll(() => existsSync(done)).toBe(true);
  const messages = parseMessages(await response.text());
  const notes = messages.slice(0, -1);
  const told = notes.flatMap(({ params }) => {
    const { logger, data } = params as { logger?: string; data?: string };
    return logger === 'gatehouse' ? Number.parseInt(data ?? '', 10) : [];
  });
  const numbers = notes.map(readNote);
  expect(told.length).toBeGreaterThan(0);
  expect(notes.length - told.length + told.reduce((sum, each) => sum + each, 0)).toBe(count);
  expect(numbers).toContain(count - 1);
  expect(messages.at(-1)).toMatchObject({ result: { content: [{ text: 'done' }] } });
}, 60_000);

test('all that a program says reaches a client that reads', async () => {
  const onCall = `for (let n = 0; n < 20_000; n += 1) send({ method: 'notifications/message', params: { level: 'info', data: String(n) } }); reply('done');`;
  const server = makeServer({ name: 'Orders', transport: { kind: 'stdio', entry: 'orders', processes: 'shared' } });
  const { call } = await openGateway(server, RUN, { guardrails: withEntries({ orders: makeScriptEntry(onCall) }) });
  const messages = parseMessages(await (await call()).text());
  expect(messages.slice(0, -1).map(readNote)).toEqual(Array.from({ length: 20_000 }, (_, n) => n));
});

test('why a client cancels goes on in its own words', async () => {
  const begun = Promise.withResolvers<void>();
  const upstream = await startHandmade(() => begun.resolve());
  const { gateway, headers, call } = await openGateway(makeServerAt(upstream.url), ECHO);
  const answered = call();
  await begun.promise;
  const reason = 'The user closed the window – “never mind”';
  const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1, reason } };
  await post(gateway.url, cancelled, headers);
  await (await answered).text();
  const told = () => upstream.asked.find(({ method }) => method === 'notifications/cancelled')?.params['reason'];
  await expect.poll(told).toBe(reason);
});
