import fc from 'fast-check';
import { expect, test } from 'vitest';

import { CookieJar } from '../../src/outbound/cookie-jar.ts';
import type { LeanRequest, OutboundAnswer } from '../../src/outbound/outbound.ts';
import { CredentialScrub } from '../../src/secrets/credential-scrub.ts';
import { Breaker } from '../../src/upstream/breaker.ts';
import type { Channel } from '../../src/upstream/client/channel.ts';
import { buildOwnKey, isOwnKey, SHARED } from '../../src/upstream/client/dialer.ts';
import { FloodGate, limitRate } from '../../src/upstream/client/flood-gate.ts';
import { pickForwardedCapabilities } from '../../src/upstream/client/initialize.ts';
import { ResourceSubscriptions } from '../../src/upstream/client/resource-subscriptions.ts';
import { ServerRequests } from '../../src/upstream/client/server-requests.ts';
import { ConnectionTable } from '../../src/upstream/connection-table.ts';
import { bindRequest } from '../../src/upstream/http/http-endpoint.ts';
import { createLineReader } from '../../src/upstream/stdio/line-reader.ts';
import type { ServerMessage } from '../../src/wire/json-rpc.ts';
import { readMessages } from '../../src/wire/json-rpc.ts';
import { decodeHeaderValue, encodeHeaderValue, findArgumentMismatch, mirrorArguments } from '../../src/wire/mirrored-headers.ts';
import { silentLog } from '../support/control-plane/site.ts';

test('lines come out whole however their bytes are cut', () => {
  const line = fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll('\n', ' '));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(200)), (lines, cuts) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
      const read: string[] = [];
      const reader = createLineReader(1_000, {
        onLine: (found) => read.push(found.toString('utf8')),
        onTooLong: () => read.push('too long'),
      });
      const edges = [...new Set(cuts.map((cut) => Math.min(cut, bytes.length)))].toSorted((a, b) => a - b);
      for (const [index, edge] of [0, ...edges].entries()) reader(bytes.subarray(edge, edges[index] ?? bytes.length));
      expect(read).toEqual(lines.map((text) => Buffer.from(text).toString('utf8')));
    }),
  );
});

test('an overlong line is reported once and dropped, and the next one is read', () => {
  const read: string[] = [];
  const reader = createLineReader(4, { onLine: (line) => read.push(line.toString()), onTooLong: () => read.push('too long') });
  for (const chunk of ['1234\n', '123', '45', '678', '\nok\n', '12345\n', 'end']) reader(Buffer.from(chunk));
  expect(read).toEqual(['1234', 'too long', 'ok', 'too long']);
});

function isRefusing(breaker: Breaker): boolean {
  try {
    breaker.admit().drop();
    return false;
  } catch {
    return true;
  }
}

test('T-57: what fails again and again is tried more and more rarely, and at once again after it worked for long', () => {
  let now = 0;
  const breaker = new Breaker({ threshold: 1, describeRefusal: (seconds) => `in ${seconds} s`, readClock: () => now });
  const waits: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    breaker.admit().fail();
    const from = now;
    while (isRefusing(breaker)) now += 10;
    waits.push(now - from);
    breaker.admit().succeed();
  }
  for (const [index, wait] of waits.entries()) {
    const longest = Math.min(60_000, 1_000 * 2 ** index);
    expect([wait >= longest / 2, wait <= longest + 10]).toEqual([true, true]);
  }
  now += 60_001;
  breaker.fail();
  expect(breaker.getWaitMs()).toBeLessThanOrEqual(1_000);
});

test('T-57: only failures in a row count, and one trial alone decides whether the others may go', () => {
  let now = 0;
  const breaker = new Breaker({
    threshold: 3,
    describeRefusal: (seconds) => `in ${seconds} s`,
    readClock: () => now,
    random: () => 1,
  });
  for (const ok of [false, false, true, false, false]) {
    if (ok) breaker.admit().succeed();
    else breaker.admit().fail();
  }
  expect(isRefusing(breaker)).toBe(false);
  const late = breaker.admit();
  breaker.admit().fail();
  expect(() => breaker.admit()).toThrow('in 1 s');
  // others that were under way do not make the wait longer
  late.fail();
  expect(breaker.getWaitMs()).toBe(1_000);
  now = 1_000;
  const trial = breaker.admit();
  expect(() => breaker.admit()).toThrow(/in 30 s/);
  trial.drop();
  const second = breaker.admit();
  second.fail();
  second.succeed();
  expect(breaker.getWaitMs()).toBe(2_000);
  now = 3_000;
  breaker.admit().succeed();
  expect([isRefusing(breaker), breaker.getWaitMs()]).toEqual([false, 0]);
});

test('T-57: a trial that never ends does not refuse for ever', () => {
  let now = 0;
  const breaker = new Breaker({ threshold: 1, describeRefusal: () => 'no', readClock: () => now });
  breaker.fail();
  now = 1_000;
  breaker.admit();
  now += 30_001;
  expect(isRefusing(breaker)).toBe(false);
});

test('T-57: of a flood on a pipe the newest is kept while nobody can read it, the client is told once what was dropped, and no question is lost', () => {
  let isFull = false;
  const seen: unknown[] = [];
  const gate = new FloodGate(
    ({ id, params }) => seen.push(id ?? params?.['n'] ?? params),
    () => isFull,
  );
  const note = (n: number): ServerMessage => ({ method: 'notifications/progress', params: { n } });
  for (let n = 0; n < 10_000; n += 1) gate.take(note(n));
  expect(seen).toEqual(Array.from({ length: 10_000 }, (_, n) => n));
  seen.length = 0;
  isFull = true;
  for (let n = 0; n < 5; n += 1) gate.take(note(n));
  expect([seen, gate.isHolding]).toEqual([[], true]);
  gate.take({ method: 'elicitation/create', id: 'question' });
  const tell = (data: string) => ({ level: 'warning', logger: 'gatehouse', data });
  const told = '4 notifications of this server were not passed on: they came faster than they could be read.';
  expect(seen).toEqual([4, tell(told), 'question']);
  for (let n = 5; n < 7; n += 1) gate.take(note(n));
  isFull = false;
  gate.take(note(7));
  const once = '1 notification of this server was not passed on: they came faster than they could be read.';
  expect(seen.slice(3)).toEqual([6, tell(once), 7]);
  gate.flush();
  expect([seen.length, gate.dropped]).toEqual([6, 5]);
});

test('T-57: what belongs to no request is limited by the second', () => {
  let now = 0;
  const isOver = limitRate(2, () => now);
  expect([isOver(), isOver(), isOver()]).toEqual([false, false, true]);
  now = 1_000;
  expect(isOver()).toBe(false);
});

test('T-59: questions of a server are answered once, bounded, and not at all where several clients share the connection', () => {
  const sent: [unknown, unknown][] = [];
  const make = (allowed: boolean) =>
    new ServerRequests({ send: (id, answer) => Promise.resolve(void sent.push([id, answer])), note: () => undefined, allowed });
  const heard: ServerMessage[] = [];
  const questions = make(true);
  for (let id = 0; id < 70; id += 1) questions.receive({ method: 'roots/list', id }, (message) => heard.push(message));
  questions.receive({ method: 'roots/list', id: 3 }, (message) => heard.push(message));
  expect(heard).toHaveLength(64);
  expect(sent.map(([id]) => id)).toEqual([64, 65, 66, 67, 68, 69, 3]);
  expect([questions.take(5), questions.take(5), questions.take(999)]).toEqual([true, false, false]);
  const elsewhere: ServerMessage[] = [];
  questions.receive({ method: 'notifications/cancelled', params: { requestId: 6 } }, (message) => elsewhere.push(message));
  expect([heard.at(-1)?.method, elsewhere]).toEqual(['notifications/cancelled', []]);
  sent.length = 0;
  make(false).receive({ method: 'sampling/createMessage', id: 1 }, (message) => elsewhere.push(message));
  make(false).receive({ method: 'ping', id: 2 }, (message) => elsewhere.push(message));
  expect(sent).toEqual([
    [1, { error: { code: -32601, message: 'Not offered' } }],
    [2, { result: {} }],
  ]);
  expect(elsewhere).toEqual([]);
});

test('a resource is asked for once, however many clients want to hear of it', () => {
  const subscriptions = new ResourceSubscriptions();
  expect([subscriptions.add('file:///a', 'x'), subscriptions.add('file:///a', 'y'), subscriptions.add('file:///b', 'x')]).toEqual(
    [{ first: true }, { first: false }, { first: true }],
  );
  expect([...subscriptions.listClients('file:///a/part')]).toEqual(['x', 'y']);
  expect(subscriptions.remove('file:///a', 'x')).toEqual({ last: false });
  expect(subscriptions.remove('file:///a', 'x')).toEqual({ last: false });
  expect(subscriptions.removeClient('x')).toEqual(['file:///b']);
  expect(subscriptions.listUris()).toEqual(['file:///a']);
});

test('only JSON-RPC counts as a message', () => {
  for (const text of [
    '',
    '42',
    'null',
    '"x"',
    '{}',
    '{"id":1}x',
    '{"method":1}',
    '{"method":"a","params":[]}',
    '{"method":"a","id":null}',
    '{"result":{}}',
  ]) {
    expect(readMessages(text), text).toEqual([]);
  }
  expect(readMessages('{"id":1,"result":[]}')).toEqual([{ kind: 'malformed', id: 1 }]);
  expect(readMessages('{"id":1.5,"error":{}}')).toMatchObject([
    { kind: 'answer', id: null, answer: { error: { code: -32603 } } },
  ]);
  expect(readMessages('{"id":"a","method":"m","result":{}}')).toEqual([{ kind: 'message', message: { method: 'm', id: 'a' } }]);
});

test('tasks are not offered onwards', () => {
  const extensions = { 'io.modelcontextprotocol/tasks': {}, 'io.modelcontextprotocol/ui': { a: 1 } };
  expect(pickForwardedCapabilities({ sampling: {}, tasks: { list: {} }, extensions })).toEqual({
    sampling: {},
    extensions: { 'io.modelcontextprotocol/ui': { a: 1 } },
  });
});

test('any text survives the way through a header', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const header = encodeHeaderValue(text);
      expect(header).toMatch(/^[\x20-\x7e\t]*$/);
      expect(decodeHeaderValue(header)).toBe(text);
    }),
  );
  expect(['=?base64?@?=', '=?base64?YQ?=', 'ü', 'a\nb'].map(decodeHeaderValue)).toEqual([null, null, null, null]);
});

test('mirrored arguments agree with themselves, nested ones too', () => {
  const schema = {
    properties: {
      a: { type: 'object', properties: { b: { type: 'string', 'x-mcp-header': 'B' } } },
      n: { type: 'integer', 'x-mcp-header': 'N' },
    },
  };
  const args = { a: { b: 'x y' }, n: 7 };
  const headers = mirrorArguments(schema, args);
  expect(headers).toEqual({ 'Mcp-Param-B': 'x y', 'Mcp-Param-N': '7' });
  const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  expect(findArgumentMismatch(schema, args, (name) => lower.get(name))).toBeNull();
  expect(findArgumentMismatch(schema, { n: 8 }, (name) => lower.get(name))).toMatch(/Mcp-Param-B is present/);
  expect(
    mirrorArguments({ properties: { a: { items: { properties: { b: { 'x-mcp-header': 'B' } } } } } }, { a: [{ b: 'x' }] }),
  ).toEqual({});
});

test('T-28: a held credential is found in keys, texts and numbers, and a value without one stays the same object', () => {
  const scrub = new CredentialScrub();
  const clean = { a: ['b', 1, null, true] };
  expect(scrub.scrubValue(clean)).toBe(clean);
  scrub.add('hunter2hunter2');
  scrub.add('1234567890123');
  expect(scrub.scrubValue(clean)).toBe(clean);
  const dirty = { hunter2hunter2: [{ b: 'x hunter2hunter2 y', n: 1234567890123, ok: false }] };
  const marked = '[redacted:credential]';
  expect(scrub.scrubValue(dirty)).toEqual({ [marked]: [{ b: `x ${marked} y`, n: marked, ok: false }] });
});

test('T-21: a credential goes to its own origin alone, and a refused one is replaced once', async () => {
  const sent: [string, string | undefined][] = [];
  const request = (url: URL, { headers }: LeanRequest): Promise<OutboundAnswer> => {
    sent.push([url.href, headers?.['authorization']]);
    const body = { dump: () => Promise.resolve() } as OutboundAnswer['body'];
    return Promise.resolve({ status: url.pathname === '/refused' ? 401 : 200, headers: {}, body });
  };
  let token = 0;
  const authorizer = {
    authorize: () => Promise.resolve({ headers: [['Authorization', `Bearer ${(token += 1)}`] as const], query: [] }),
    discard: () => true,
  };
  const send = bindRequest({ request }, new URL('https://orders.example'), authorizer, new CookieJar());
  const urls = [
    'https://orders.example/a',
    'https://orders.example:8443/a',
    'http://orders.example/a',
    'https://evil.example/orders.example',
  ];
  for (const url of urls) await send(new URL(url), {});
  expect(sent).toEqual(urls.map((url, index) => [url, index === 0 ? 'Bearer 1' : undefined]));
  sent.length = 0;
  expect((await send(new URL('https://orders.example/refused'), {})).status).toBe(401);
  expect(sent.map(([, value]) => value)).toEqual(['Bearer 2', 'Bearer 3']);
});

test('whatever a client calls itself, its connections are its own', () => {
  const name = fc.string({ unit: fc.constantFrom('a', '1', ':', '\0', '*'), maxLength: 6 });
  const declared = fc.constantFrom('', 'a'.repeat(64), 'b'.repeat(64));
  fc.assert(
    fc.property(name, declared, name, declared, (a, saysA, b, saysB) => {
      const [one, other] = [buildOwnKey({ affinity: a, declared: saysA }), buildOwnKey({ affinity: b, declared: saysB })];
      expect(one === other).toBe(a === b && saysA === saysB);
      expect([isOwnKey(one, a), isOwnKey(one, b), one === SHARED]).toEqual([true, a === b, false]);
    }),
  );
});

test('of a connection that could not be made nothing is kept, unless somebody subscribed to something', async () => {
  const table = new ConnectionTable({ most: 5, drainBroken: false, log: silentLog });
  const given: ResourceSubscriptions[] = [];
  const fail = async (subscribe: boolean) => {
    const opening = table.open('a', (subscriptions) => {
      given.push(subscriptions);
      if (subscribe) subscriptions.add('memo://one', 'a');
      return Promise.reject<Channel>(new Error('unreachable'));
    });
    await expect(opening.channel).rejects.toThrow('unreachable');
  };
  for (const subscribe of [false, true, false]) await fail(subscribe);
  expect(given[1]).not.toBe(given[0]);
  expect(given[2]).toBe(given[1]);
});
