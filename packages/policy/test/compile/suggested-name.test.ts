import fc from 'fast-check';
import { expect, test } from 'vitest';

import { foldName } from '../../src/compile/name-collisions.ts';
import { suggestFreeName, suggestName, suggestNames, withSuggestedNames } from '../../src/compile/suggested-name.ts';
import { DraftEntry } from '../../src/documents/profile.ts';

const SERVER = '00000000-0000-4000-8000-000000000001';
const CLIENT_NAME = /^[a-zA-Z0-9_-]{1,64}$/;
const drawName = () =>
  fc.oneof(fc.string({ minLength: 1, maxLength: 128 }), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }));
const makeEntry = (name: string, rename: string | null = null, kind: 'tool' | 'prompt' = 'tool') =>
  DraftEntry.parse({ kind, serverId: SERVER, name, rename });
const listNames = (entries: readonly DraftEntry[]) =>
  entries.map((entry) => ('rename' in entry ? (entry.rename ?? entry.name) : ''));

test.each([
  ['plain', 'plain'],
  ['get-order_2', 'get-order_2'],
  ['3d_print', '3d_print'],
  ['with.dot', 'with_dot'],
  ['issues/list', 'issues_list'],
  ['repo:get', 'repo_get'],
  ['get user', 'get_user'],
  ['suche_größe', 'suche_grosse'],
  ['a@b', 'a_b'],
  ['ns::call', 'ns_call'],
  ['2.fast', 'tool_2_fast'],
  ['__proto__', '__proto__'],
])('%s is proposed as %s', (own, name) => {
  expect(suggestName('tool', own)).toBe(name);
});

test('what has no letters of ASCII is told apart by a hash, and says what it is', () => {
  expect(suggestName('tool', '查询')).toMatch(/^tool_[a-z0-9]{5,7}$/);
  expect(suggestName('prompt', '查询')).toMatch(/^prompt_[a-z0-9]{5,7}$/);
  expect(suggestName('tool', '查询')).not.toBe(suggestName('tool', '查找'));
  // a letter that only looks like one of ASCII
  expect(suggestName('tool', 'get_\u043Erder')).toMatch(/^get_rder_[a-z0-9]{5,7}$/);
  expect(suggestName('tool', '/')).toMatch(/^tool_[a-z0-9]{5,7}$/);
});

test('a long name keeps its beginning, and two with the same beginning differ', () => {
  const [one, other] = [`${'orders/'.repeat(18)}a`, `${'orders/'.repeat(18)}b`];
  expect(suggestName('tool', one)).toMatch(/^orders_orders.*_[a-z0-9]{5,7}$/);
  expect(suggestName('tool', one)).not.toBe(suggestName('tool', other));
});

test('whatever the servers call them, every name is one that clients take, free, and the same the next time', () => {
  fc.assert(
    fc.property(fc.uniqueArray(drawName(), { maxLength: 12 }), (owns) => {
      const named = withSuggestedNames(
        owns.map((own) => makeEntry(own)),
        () => false,
      );
      const names = listNames(named).filter((_, index) => !CLIENT_NAME.test(owns[index] ?? ''));
      for (const name of names) expect(name).toMatch(CLIENT_NAME);
      const others = listNames(named).filter((_, index) => CLIENT_NAME.test(owns[index] ?? ''));
      expect(new Set(names.map(foldName)).size).toBe(names.length);
      expect(names.filter((name) => others.some((other) => foldName(other) === foldName(name)))).toEqual([]);
      expect(withSuggestedNames(named, () => false)).toEqual(named);
      expect(
        withSuggestedNames(
          owns.map((own) => makeEntry(own)),
          () => false,
        ),
      ).toEqual(named);
    }),
  );
});

test('a name once given stays when another wants the same, also one that is not proposed', () => {
  const [first] = withSuggestedNames([makeEntry('a/b')], () => false);
  if (!first) throw new Error('no entry');
  const [kept, added, own] = listNames(withSuggestedNames([first, makeEntry('a:b'), makeEntry('a-b')], () => false));
  expect(kept).toBe('a_b');
  expect(added).toMatch(/^a_b_[a-z0-9]+$/);
  expect(own).toBe('a-b');
});

test('tools and prompts do not take names from each other, and what is chosen by hand is left', () => {
  const entries = [makeEntry('a/b'), makeEntry('a/b', null, 'prompt'), makeEntry('c/d', 'Chosen.by-hand')];
  expect(listNames(withSuggestedNames(entries, () => false))).toEqual(['a_b', 'a_b', 'Chosen.by-hand']);
});

test('what clients know by a name that the protocol allows keeps it; what cannot be shown does not', () => {
  expect(listNames(withSuggestedNames([makeEntry('with.dot'), makeEntry('a/b')], () => true))).toEqual(['with.dot', 'a_b']);
});

test('a name that is taken, also in another way of writing, is not proposed', () => {
  const taken = new Set([foldName('ISSUES-list')]);
  const name = suggestFreeName('tool', 'issues/list', taken);
  expect(name).toMatch(/^issues_list_[a-z0-9]+$/);
  const next = suggestFreeName('tool', 'issues/list', new Set([...taken, foldName(name)]));
  expect([name, 'issues_list']).not.toContain(next);
});

test('suggestions for a collision are free and stay within the limit of a tool name', () => {
  const suggest = (owners: { serverSlug: string; name: string }[], ...taken: string[]) =>
    suggestNames(owners, new Set(taken.map(foldName)));
  expect(suggest([{ serverSlug: 'orders', name: 'get' }])).toEqual(['orders__get']);
  expect(suggest([{ serverSlug: 'orders', name: 'issues/get' }])).toEqual(['orders__issues_get']);
  expect(suggest([{ serverSlug: 's'.repeat(40), name: 'x'.repeat(128) }])[0]).toHaveLength(64);
  const [one, other] = suggest([
    { serverSlug: 'a', name: 'x.y' },
    { serverSlug: 'a', name: 'x/y' },
  ]);
  expect(foldName(one ?? '')).not.toBe(foldName(other ?? ''));
  expect(suggest([{ serverSlug: 'orders', name: 'get' }], 'orders__get')).not.toEqual(['orders__get']);
});
