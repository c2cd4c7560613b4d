import { createSecretKey, randomUUID } from 'node:crypto';
import { Worker } from 'node:worker_threads';

import { expect, onTestFinished, test } from 'vitest';

import { makeClientKey, makeProfile, makeTool } from '@gatehouse/policy/testing/build';
import { CHAIN_START, verifyRun } from '@gatehouse/protocol/receipt-chain';
import { startFakeHub } from '@gatehouse/protocol/testing/fake-hub';
import { redactMarked, type MarkedFields } from '@gatehouse/redaction/marked-fields';

import { LiveRedactor } from '../../src/audit/redaction/live-redactor.ts';
import { RedactionThread, type RedactionThreadOptions } from '../../src/audit/redaction/redaction-thread.ts';
import { startThread } from '../../src/audit/redaction/thread-code.ts';
import { MOST_REDACTED_HERE, SpoolJournal } from '../../src/audit/spool-journal.ts';
import { makeHome, runAgent, waitUntilReady } from '../support/agent/agent-process.ts';
import { openSpool, readAll } from '../support/agent/spool.ts';
import { makeRecord } from '../support/clients/calls.ts';
import { postModern } from '../support/clients/clients.ts';
import { silentLog } from '../support/control-plane/site.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';
import { ECHO, makeServerAt, startModernUpstream } from '../support/servers/upstreams.ts';

const HELD = 'held-credential-4711-value';
const PROSE = 'The quick brown fox jumps over the lazy dog. ';

function makeMarked(...values: string[]): MarkedFields[] {
  return [{ logged: values.map((value, at) => ({ pointer: `/at${at}`, value })), further: [] }];
}
const listValues = (logged: { value: unknown }[][]) => logged.flat().map(({ value }) => value);

/** Closed when the test is over. */
function openThread(options: Partial<RedactionThreadOptions> = {}): RedactionThread {
  const thread = new RedactionThread({ redactor: new LiveRedactor(), log: silentLog, ...options });
  onTestFinished(() => thread.close());
  return thread;
}

/** Takes what it is told and says nothing. */
const startSilent = () => new Worker("require('node:worker_threads').parentPort.on('message', () => {})", { eval: true });
const startDying = () =>
  new Worker("require('node:worker_threads').parentPort.once('message', () => process.exit(1))", { eval: true });

test('what the thread writes down is what the event loop would', async () => {
  const redactor = new LiveRedactor();
  redactor.addSecret(HELD);
  const marked = [
    ...makeMarked(`${HELD} ${PROSE.repeat(500)}`, `mail ida@example.com ${PROSE}`, 'password=hunter2-hunter2'),
    { logged: [{ pointer: '/amount', value: 12.5 }], further: [{ pointer: '/note', value: HELD }] },
    { logged: [], further: [] },
  ];
  const logged = await openThread({ redactor }).redact(marked, 'k');
  expect(logged).toEqual(marked.map((fields) => redactMarked(fields, redactor.getRedactor())));
  expect(logged[1]).toEqual([{ pointer: '/amount', value: '[redacted:credential]', redacted: true }]);
  expect(JSON.stringify(logged)).not.toMatch(/4711|ida@|hunter2/);
});

test('T-28: the thread knows every secret before it is given a value, and looks again at values that one came after', async () => {
  const redactor = new LiveRedactor();
  redactor.addSecret(HELD);
  const thread = openThread({ redactor });
  const first = thread.redact(makeMarked(`${HELD} and late-secret-value-12`), 'k');
  // the first is with the thread, which does not know of this one
  redactor.addSecret('late-secret-value-12');
  const second = thread.redact(makeMarked('again late-secret-value-12'), 'k');
  expect(listValues(await first)).toEqual(['[redacted:credential] and [redacted:credential]']);
  expect(listValues(await second)).toEqual(['again [redacted:credential]']);
  await thread.close();
});

test('over a bound the values are dropped and say so: of the calls, of their size, of the time', async () => {
  const thread = openThread({ start: startSilent, limits: { calls: 2, size: 1_000, callMs: 50 } });
  const slow = thread.redact(makeMarked('a'.repeat(600), 'b'), 'k');
  expect(listValues(await thread.redact(makeMarked('c'.repeat(600), 'd'), 'k'))).toEqual(['[redacted:busy]', '[redacted:busy]']);
  const second = thread.redact(makeMarked('e'), 'l');
  expect(listValues(await thread.redact(makeMarked('f'), 'm'))).toEqual(['[redacted:busy]']);
  expect(listValues(await slow)).toEqual(['[redacted:slow]', '[redacted:slow]']);
  expect(listValues(await second)).toEqual(['[redacted:slow]']);
  // what waited is given back
  expect(listValues(await thread.redact(makeMarked('g'.repeat(1_001)), 'k'))).toEqual(['[redacted:busy]']);
  expect(listValues(await thread.redact(makeMarked('h'.repeat(1_000)), 'k'))).toEqual(['[redacted:slow]']);
});

test('values wait no longer than their bound, however many are before them, and say so', async () => {
  const thread = openThread({ start: startSilent, limits: { callMs: 600_000, waitMs: 20 } });
  const first = thread.redact(makeMarked('a'), 'k');
  const behind = ['k', 'l', 'm'].map((owner) => thread.redact(makeMarked('b'), owner));
  for (const logged of await Promise.all(behind)) expect(listValues(logged)).toEqual(['[redacted:busy]']);
  await thread.close();
  expect(listValues(await first)).toEqual(['[redacted:busy]']);
});

test('keys take turns, and what one of them has waiting leaves room for the others', async () => {
  const order: string[] = [];
  const thread = openThread({ limits: { calls: 6 } });
  const redact = async (owner: string, name: string) => {
    const [value] = listValues(await thread.redact(makeMarked(name), owner));
    order.push(value === name ? name : `${name} ${String(value)}`);
  };
  await Promise.all([...['a1', 'a2', 'a3', 'a4'].map((name) => redact('a', name)), redact('b', 'b1'), redact('c', 'c1')]);
  expect(order).toEqual(['a4 [redacted:busy]', 'a1', 'b1', 'c1', 'a2', 'a3']);
});

test('values that are looked at again and again have one bound of time', async () => {
  const redactor = new LiveRedactor();
  let looks = 0;
  // knows of nothing, and answers at once: each time there is another secret
  const start = () =>
    new Worker(
      "const { parentPort } = require('node:worker_threads'); parentPort.on('message', ({ id }) => id && parentPort.postMessage({ id, logged: [] }))",
      { eval: true },
    ).on('message', () => redactor.addSecret(`secret-value-number-${(looks += 1)}`));
  const thread = openThread({ redactor, start, limits: { callMs: 1_000 } });
  expect(listValues(await thread.redact(makeMarked('a'), 'k'))).toEqual(['[redacted:slow]']);
});

test('a thread that dies loses the values of the call that it had, and another takes the next', async () => {
  let started = 0;
  const thread = openThread({ start: () => ((started += 1) === 1 ? startDying() : startThread()) });
  const [lost, next] = [thread.redact(makeMarked('a'), 'k'), thread.redact(makeMarked('b'), 'k')];
  expect(await lost).toEqual([[{ pointer: '/at0', value: '[redaction-error]', redacted: true }]]);
  expect(listValues(await next)).toEqual(['b']);
  expect(started).toBe(2);
});

test('a thread that cannot be started costs the values, never the call', async () => {
  const start = () => {
    throw new Error('no more threads');
  };
  expect(listValues(await openThread({ start }).redact(makeMarked('a'), 'k'))).toEqual(['[redaction-error]']);
});

test('the thread is there only while there is work, and never after the end', async () => {
  const thread = openThread({ limits: { idleMs: 1 } });
  expect(thread.isRunning()).toBe(false);
  const redacted = thread.redact(makeMarked('a'), 'k');
  expect(thread.isRunning()).toBe(true);
  expect(listValues(await redacted)).toEqual(['a']);
  await expect.poll(() => thread.isRunning()).toBe(false);
  expect(listValues(await thread.redact(makeMarked('b'), 'k'))).toEqual(['b']);
  const waiting = thread.redact(makeMarked('c'), 'k');
  await thread.close();
  expect(listValues(await waiting)).toEqual(['[redacted:busy]']);
  expect(listValues(await thread.redact(makeMarked('d'), 'k'))).toEqual(['[redacted:busy]']);
  expect(thread.isRunning()).toBe(false);
});

const schema = { type: 'object', properties: { text: { type: 'string' } } };
const makeCall = (text: string) => makeRecord({ arguments: { value: { text }, schema, marked: ['/text'] } });

async function openJournal(start?: () => Worker) {
  const directory = makeTempDir();
  const { spool } = await openSpool(directory);
  const redactor = new LiveRedactor();
  const siteKey = { id: 'k1', key: createSecretKey(Buffer.alloc(32, 7)) };
  const context = { siteId: randomUUID(), siteKey, redactor, detail: 'marked', canSend: () => true } as const;
  const thread = openThread({ redactor, ...(start && { start }) });
  const journal = new SpoolJournal({ spool, context, thread, onFinished: () => {}, log: silentLog });
  return { spool, journal, thread, redactor };
}

test('a receipt waits for its own large values and for nobody else’s; all are in one chain', async () => {
  const { spool, journal, thread } = await openJournal(startSilent);
  const big = makeCall(PROSE.repeat(1_000));
  const small = Array.from({ length: 3 }, () => makeCall('small'));
  const edge = makeCall('x'.repeat(MOST_REDACTED_HERE));
  for (const record of [big, ...small, edge]) journal.finish(record);
  journal.flush();
  await expect.poll(() => spool.getWrittenHead().lastSeq).toBe(4);
  expect(thread.isRunning()).toBe(true);
  await journal.close(1);
  await spool.close();
  const receipts = readAll(spool);
  expect(verifyRun(CHAIN_START, receipts)).toMatchObject({ ok: true });
  expect(receipts.map(({ id }) => id)).toEqual([...small, edge, big].map(({ callId }) => callId));
  expect(receipts.at(-1)).toMatchObject({
    id: big.callId,
    arguments: { logged: [{ value: '[redacted:busy]', redacted: true }] },
  });
});

test('the last large values are redacted before the journal is closed', async () => {
  const { spool, journal, redactor } = await openJournal();
  redactor.addSecret(HELD);
  journal.finish(makeCall(`${HELD} ${PROSE.repeat(1_000)}`));
  await journal.close();
  await spool.close();
  expect(readAll(spool)).toMatchObject([{ arguments: { logged: [{ redacted: true }] } }]);
  expect(JSON.stringify(readAll(spool))).toContain('[redacted:credential] The quick');
});

test('T-28: the agent as it ships redacts large values in its thread, with the credentials that it holds', async () => {
  const hub = await startFakeHub();
  onTestFinished(() => hub.close());
  const upstream = await startModernUpstream({ tools: [ECHO], call: () => ({ content: [{ type: 'text', text: 'done' }] }) });
  const server = makeServerAt(upstream.url, 'env:SECRET_ORDERS');
  const profile = makeProfile([makeTool(server, ECHO, { logArguments: ['/text'] })]);
  const { secret, key } = makeClientKey(profile);
  hub.publish({ servers: [server], profiles: [profile], clientKeys: [key] });
  const home = await makeHome({
    environment: { SECRET_ORDERS: HELD, SECRET_ORDERS_ORIGIN: new URL(upstream.url).origin, GATEHOUSE_LOG_LEVEL: 'info' },
  });
  const agent = await runAgent(home, 'up', '--enroll', hub.createJoinToken());
  await waitUntilReady(home, ({ status }) => status === 'ok');
  const call = (text: string) =>
    postModern(`${home.url}/p/${profile.slug}/mcp`, secret, {
      method: 'tools/call',
      params: { name: 'echo', arguments: { text } },
    });
  for (const text of ['small', `${HELD} ${PROSE.repeat(1_000)}`]) {
    expect(await (await call(text)).json()).toMatchObject({ result: { content: [{ text: 'done' }] } });
  }
  const receipts = await hub.receipts.stored.waitForCount(2);
  expect(receipts[1]).toMatchObject({ arguments: { logged: [{ pointer: '/text', redacted: true }] } });
  const logged = receipts[1]?.arguments?.logged[0]?.value;
  expect(logged).toMatch(/^\[redacted:credential\] The quick brown fox/);
  expect(agent.readOutput()).not.toMatch(/thread that redacts/);
});
