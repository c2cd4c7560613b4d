import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { compileSnapshot } from '@gatehouse/policy/compile/compile-snapshot';
import { evaluate } from '@gatehouse/policy/evaluate';
import { makeProfile, makeServer, makeSnapshot, makeTool } from '@gatehouse/policy/testing/build';

import { CurrentConfig } from '../../src/config/current.ts';
import { EndWatch } from '../../src/config/end-watch.ts';

const NOON = Date.parse('2026-11-30T12:00:00.000Z');
const DAY_MS = 24 * 3_600_000;
const server = makeServer();
const profile = makeProfile([
  makeTool(server, { name: 'lasts' }),
  makeTool(server, { name: 'ends' }, { endsAt: new Date(NOON).toISOString() }),
  makeTool(server, { name: 'ends_later' }, { endsAt: new Date(NOON + DAY_MS).toISOString() }),
]);

beforeEach(() => void vi.useFakeTimers({ now: NOON - 1 }));
afterEach(() => void vi.useRealTimers());

function serve() {
  const current = new CurrentConfig();
  const compiled = compileSnapshot(makeSnapshot({ servers: [server], profiles: [profile] }));
  const load = () =>
    current.swap({
      version: 1,
      contentHash: 'a',
      notAfter: new Date(NOON + 9 * DAY_MS).toISOString(),
      compiled,
      withheld: new Map(),
    });
  load();
  const listAt = (now: number) => {
    const serving = current.checkServing(now);
    const found = serving.ok ? serving.config.compiled.profilesById.get(profile.id) : undefined;
    return found?.lists.tools.map(({ name }) => name);
  };
  const call = (name: string, now: number) => {
    const serving = current.checkServing(now);
    const asked = { profileSlug: profile.slug, method: 'tools/call', name, arguments: {} } as const;
    return serving.ok ? evaluate(serving.config.compiled, asked).kind : 'refused';
  };
  return { current, load, listAt, call };
}

test('T-42: an approval with an end is served until then by the clock of the agent, and neither listed nor called after it', () => {
  const { call, listAt } = serve();
  expect([call('ends', NOON - 1), listAt(NOON - 1)]).toEqual(['allow', ['ends', 'ends_later', 'lasts']]);
  expect([call('ends', NOON), listAt(NOON)]).toEqual(['deny', ['ends_later', 'lasts']]);
  expect([call('ends_later', NOON), call('lasts', NOON + DAY_MS), listAt(NOON + DAY_MS)]).toEqual(['allow', 'allow', ['lasts']]);
});

test('a configuration that comes later, and a review of the revocations, bring back nothing that has ended', () => {
  const { current, load, listAt } = serve();
  listAt(NOON);
  current.reviewRevocations();
  expect(current.get()?.compiled.profilesById.get(profile.id)?.tools.has('ends')).toBe(false);
  load();
  expect(listAt(NOON)).toEqual(['ends_later', 'lasts']);
});

test('neither does a clock that is set back', () => {
  const { current, load, listAt } = serve();
  listAt(NOON);
  expect(listAt(NOON - 1)).toEqual(['ends_later', 'lasts']);
  current.reviewRevocations();
  expect(listAt(NOON - 1)).toEqual(['ends_later', 'lasts']);
  load();
  expect(listAt(NOON - 1)).toEqual(['ends_later', 'lasts']);
});

test('who listens is told when an end comes and nobody calls, once for each', () => {
  const { current } = serve();
  let told = 0;
  const watch = new EndWatch(current, Date.now);
  current.onChange(() => (told += 1));
  vi.advanceTimersByTime(1);
  expect(told).toBe(1);
  vi.advanceTimersByTime(DAY_MS - 1);
  expect(told).toBe(1);
  vi.advanceTimersByTime(1);
  expect(told).toBe(2);
  expect(vi.getTimerCount()).toBe(0);
  watch.close();
});

test('a watch that was closed looks no more', () => {
  const { current } = serve();
  const watch = new EndWatch(current, Date.now);
  watch.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(DAY_MS);
  expect(current.get()?.compiled.profilesById.get(profile.id)?.tools.has('ends')).toBe(true);
});
