import { expect, test } from 'vitest';

import { computePin } from '@gatehouse/policy/documents/content-hash';
import type { JsonObject } from '@gatehouse/policy/documents/json';
import { LIMITS_BY_DEFAULT } from '@gatehouse/policy/documents/server-limits';

import type { ListedKind } from '../../src/upstream/client/list-pages.ts';
import { LiveDefinitions } from '../../src/upstream/client/live-definitions.ts';
import { LiveList, type Freshness, type Listing } from '../../src/upstream/client/live-list.ts';
import type { RpcAnswer } from '../../src/wire/json-rpc.ts';

const PAY = { name: 'pay', inputSchema: { type: 'object' as const } };
const OTHER = { ...PAY, description: 'Now it pays somebody else' };
const MINUTE = 60_000;

interface Page {
  params: JsonObject;
  answer(result: JsonObject): void;
  fail(message: string): void;
}

/** A list whose pages are answered by hand, under a clock that stands still until it is moved. */
function openList(kind: ListedKind = 'tool') {
  const asked: Page[] = [];
  const waits: number[] = [];
  const failures: unknown[] = [];
  const clock = { ms: 1_000_000 };
  const list = new LiveList(kind, {
    era: 'legacy',
    ask: ({ params }) => {
      const { promise, resolve } = Promise.withResolvers<RpcAnswer>();
      asked.push({
        params,
        answer: (result) => resolve({ result }),
        fail: (message) => resolve({ error: { code: -32603, message } }),
      });
      return promise;
    },
    readClock: () => clock.ms,
    timed: { limits: LIMITS_BY_DEFAULT, server: 'Orders', tool: null },
    wait: async (milliseconds) => {
      waits.push(milliseconds);
      clock.ms += milliseconds;
    },
    onListed: () => undefined,
    closing: new AbortController().signal,
    onFailed: (error) => failures.push(error),
  });
  /** Resolves with the request for a page that is the n-th, counted from 1. */
  const waitForPage = async (count: number): Promise<Page> => {
    await expect.poll(() => asked.length).toBe(count);
    return asked[count - 1]!;
  };
  /** Lists what is given, as the first of all. */
  const listOnce = async (result: JsonObject = { tools: [PAY] }) => {
    const listing = list.refresh();
    (await waitForPage(1)).answer(result);
    await listing;
  };
  const isFresh = (freshness: Freshness) => !(list.getListing(freshness) instanceof Promise);
  return { list, asked, waits, failures, clock, waitForPage, listOnce, isFresh };
}

const readPin = async (listing: Listing | Promise<Listing>, name = 'pay') => (await listing).pins.get(name);

test('T-51: a write goes by a listing that began 5 s ago at most, a read by one of 5 minutes, and neither waits while that holds', async () => {
  const { list, clock, listOnce, isFresh, waitForPage } = openList();
  await listOnce();
  clock.ms += 5_000;
  expect([isFresh('write'), isFresh('read')]).toEqual([true, true]);
  clock.ms += 1;
  const write = list.getListing('write');
  expect(isFresh('read')).toBe(true);
  (await waitForPage(2)).answer({ tools: [OTHER] });
  expect(await readPin(write)).toBe(computePin(OTHER));
  clock.ms += 5 * MINUTE;
  expect(isFresh('read')).toBe(true);
  clock.ms += 1;
  expect(list.getListing('read')).toBeInstanceOf(Promise);
});

test('64 writes at once make one listing, and steady ones make one in 5 s', async () => {
  const { list, asked, clock, listOnce, waitForPage } = openList();
  await listOnce();
  clock.ms += MINUTE;
  const writes = Array.from({ length: 64 }, () => list.getListing('write'));
  (await waitForPage(2)).answer({ tools: [PAY] });
  expect(new Set(await Promise.all(writes.map((write) => readPin(write))))).toEqual(new Set([computePin(PAY)]));
  for (let step = 0; step < 50; step += 1) {
    clock.ms += 100;
    expect(list.getListing('write')).not.toBeInstanceOf(Promise);
  }
  expect(asked).toHaveLength(2);
});

test('reads let the list be renewed while they go on, once', async () => {
  const { list, asked, clock, listOnce, waitForPage, isFresh } = openList();
  await listOnce();
  clock.ms += 4 * MINUTE + 1;
  expect([isFresh('read'), isFresh('read'), isFresh('read')]).toEqual([true, true, true]);
  (await waitForPage(2)).answer({ tools: [OTHER] });
  await expect.poll(() => readPin(list.getListing('read'))).toBe(computePin(OTHER));
  expect(asked).toHaveLength(2);
});

const TTLS: [string, JsonObject, Freshness, number][] = [
  ['a minute makes reads wait after a minute', { ttlMs: MINUTE }, 'read', MINUTE],
  ['a second makes reads wait after the 5 s of a write', { ttlMs: 1_000 }, 'read', 5_000],
  ['an hour is no longer than 5 minutes', { ttlMs: 60 * MINUTE }, 'read', 5 * MINUTE],
  ['0, which SDKs send unasked, says nothing', { ttlMs: 0 }, 'read', 5 * MINUTE],
  ['what is no number says nothing', { ttlMs: '1' }, 'read', 5 * MINUTE],
  ['an hour is still 5 s for a write', { ttlMs: 60 * MINUTE }, 'write', 5_000],
];
test.each(TTLS)('a time that a server names for its list: %s', async (_what, ttl, freshness, window) => {
  const { clock, listOnce, isFresh } = openList();
  await listOnce({ tools: [PAY], ...ttl });
  clock.ms += window;
  expect(isFresh(freshness)).toBe(true);
  clock.ms += 1;
  expect(isFresh(freshness)).toBe(false);
});

test('the shortest time that a page names counts for the whole list', async () => {
  const { list, clock, isFresh, waitForPage } = openList();
  const listing = list.refresh();
  (await waitForPage(1)).answer({ tools: [PAY], ttlMs: MINUTE, nextCursor: '2' });
  (await waitForPage(2)).answer({ tools: [], ttlMs: 20_000 });
  await listing;
  clock.ms += 20_001;
  expect(isFresh('read')).toBe(false);
});

test('T-51: a change that is announced during a listing makes the call wait for the next one', async () => {
  const { list, waits, waitForPage, isFresh } = openList();
  const write = list.getListing('write');
  const page = await waitForPage(1);
  list.invalidate();
  page.answer({ tools: [PAY] });
  (await waitForPage(2)).answer({ tools: [OTHER] });
  expect(await readPin(write)).toBe(computePin(OTHER));
  list.invalidate();
  expect([isFresh('write'), isFresh('read')]).toEqual([false, false]);
  // several announcements often come at once
  expect(waits).toEqual([100]);
});

test('T-57: while a server announces changes, the pauses between its listings grow to 5 s; when it has been quiet, the next is at once', async () => {
  const { list, waits, clock, listOnce, waitForPage } = openList();
  await listOnce();
  for (let count = 2; count <= 7; count += 1) {
    list.invalidate();
    const listing = list.refresh();
    (await waitForPage(count)).answer({ tools: [PAY] });
    await listing;
  }
  expect(waits).toEqual([100, 400, 1_600, 5_000, 5_000]);
  clock.ms += 5_001;
  list.invalidate();
  const listing = list.refresh();
  (await waitForPage(8)).answer({ tools: [PAY] });
  await listing;
  expect(waits).toHaveLength(5);
});

test('of a server that announces changes without end a write is not sent, and a read goes by the third listing', async () => {
  const { list, asked, waits, waitForPage } = openList();
  const calls = [list.getListing('write'), list.getListing('read')].map((listing) => Promise.resolve(listing));
  const settled = Promise.allSettled(calls);
  for (const count of [1, 2, 3]) {
    const page = await waitForPage(count);
    list.invalidate();
    page.answer({ tools: [PAY] });
  }
  const [write, read] = await settled;
  expect(write).toMatchObject({
    status: 'rejected',
    reason: { code: 'tool_not_approved', message: expect.stringMatching(/without end/) },
  });
  expect(read).toMatchObject({ status: 'fulfilled' });
  expect([asked.length, waits]).toEqual([3, [100]]);
});

test('a listing that takes longer than 5 s is good for the calls that it was made for, and not for later ones', async () => {
  const { list, clock, waitForPage } = openList();
  const first = list.getListing('write');
  const page = await waitForPage(1);
  clock.ms += 5_001;
  const late = list.getListing('write');
  page.answer({ tools: [PAY] });
  expect(await readPin(first)).toBe(computePin(PAY));
  (await waitForPage(2)).answer({ tools: [OTHER] });
  expect(await readPin(late)).toBe(computePin(OTHER));
});

test('a listing that fails is told to all who wait for it; the next call asks again, and reads go on by what is known', async () => {
  const { list, clock, failures, listOnce, waitForPage, isFresh } = openList();
  await listOnce();
  clock.ms += MINUTE;
  const writes = Promise.allSettled([list.getListing('write'), list.getListing('write')]);
  (await waitForPage(2)).fail('the database is away');
  const refused = {
    status: 'rejected',
    reason: { code: 'upstream_protocol', message: expect.stringMatching(/the database is away/) },
  };
  expect(await writes).toMatchObject([refused, refused]);
  expect(failures).toHaveLength(1);
  expect(isFresh('read')).toBe(true);
  const again = list.getListing('write');
  (await waitForPage(3)).answer({ tools: [PAY] });
  expect(await readPin(again)).toBe(computePin(PAY));
  // nobody waits for it, so nobody is told but the owner
  clock.ms += 4 * MINUTE + 1;
  expect(isFresh('read')).toBe(true);
  (await waitForPage(4)).fail('still away');
  await expect.poll(() => failures.length).toBe(2);
  clock.ms += MINUTE;
  expect(isFresh('read')).toBe(false);
});

test('5,000 tools on 50 pages are one listing; other calls get their turn while they are hashed', async () => {
  const { list, waitForPage } = openList();
  const listing = list.getListing('write');
  for (let page = 0; page < 50; page += 1) {
    const tools = Array.from({ length: 100 }, (_, index) => ({ ...PAY, name: `tool_${page * 100 + index}` }));
    (await waitForPage(page + 1)).answer({ tools, ...(page < 49 && { nextCursor: String(page + 1) }) });
  }
  const { pins, more } = await listing;
  expect([pins.size, more]).toEqual([5_000, false]);
  expect(pins.get('tool_4999')).toBe(computePin({ ...PAY, name: 'tool_4999' }));
});

test('the same definition on two pages is one; two of one name are none; what has no canonical form fits nothing', async () => {
  const { list, waitForPage } = openList();
  const listing = list.refresh();
  const half = { ...PAY, name: 'half', description: '\ud800' };
  (await waitForPage(1)).answer({ tools: [PAY, { ...PAY, name: 'b' }, half, null, 'x'], nextCursor: '2' });
  (await waitForPage(2)).answer({ tools: [PAY, { ...OTHER, name: 'b' }] });
  const { pins } = await listing;
  expect([...pins]).toEqual([
    ['pay', computePin(PAY)],
    ['b', null],
    ['half', ''],
  ]);
});

test('size and time of change of a resource are no change of its definition; everything else of it is', async () => {
  const { list, waitForPage } = openList('resource');
  const log = { uri: 'file:///log', name: 'Log' };
  const listing = list.refresh();
  const annotations = { audience: ['user'] };
  (await waitForPage(1)).answer({
    resources: [
      { ...log, size: 7, annotations: { ...annotations, lastModified: '2026-11-28T10:00:00Z' } },
      { ...log, uri: 'file:///plain' },
      { ...log, uri: 'file:///odd', annotations: 'none' },
    ],
  });
  expect(await readPin(listing, log.uri)).toBe(computePin({ ...log, annotations }));
  expect(await readPin(listing, 'file:///plain')).toBe(computePin({ ...log, uri: 'file:///plain' }));
  expect(await readPin(listing, 'file:///odd')).not.toBe(computePin({ ...log, uri: 'file:///odd' }));
});

test('a notification is about its own list, and no name of one is taken for another thing', async () => {
  const asked: string[] = [];
  const live = new LiveDefinitions({
    era: 'modern',
    ask: async (kind) => {
      asked.push(kind);
      return { result: { tools: [PAY], prompts: [], resources: [], resourceTemplates: [] } };
    },
    readClock: () => 0,
    timed: { limits: LIMITS_BY_DEFAULT, server: 'Orders', tool: null },
    wait: async () => undefined,
    onListed: () => undefined,
    closing: new AbortController().signal,
    onFailed: () => undefined,
  });
  const kinds = ['tool', 'prompt', 'resource', 'template'] as const;
  const findAll = () => Promise.all(kinds.map(async (kind) => live.find(kind, 'pay', 'write')));
  expect((await findAll()).map(({ pin }) => pin)).toEqual([computePin(PAY), undefined, undefined, undefined]);
  asked.length = 0;
  for (const method of ['__proto__', 'constructor', 'notifications/tools/list_changed', 'notifications/resources/list_changed']) {
    live.noteNotification(method);
  }
  await findAll();
  expect(asked.toSorted()).toEqual(['resource', 'template', 'tool']);
});
