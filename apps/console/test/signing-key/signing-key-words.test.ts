import { expect, test } from 'vitest';

import { describeUse, listNames } from '../../src/features/signing-key/signing-key-words.ts';

test('a key says what it signs by now', () => {
  const retiredAt = new Date();
  expect(describeUse({ isRoot: true, retiredAt: null })).toBe('Everything, until the first rotation');
  expect(describeUse({ isRoot: true, retiredAt })).toBe('Keysets only');
  expect(describeUse({ isRoot: false, retiredAt: null })).toBe('Everything but keysets');
  expect(describeUse({ isRoot: false, retiredAt })).toBe('Nothing any more');
});

test('agents are named with their pages, and counted where there are many, with the page of all', () => {
  const agents = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => ({ id: `id of ${name}`, name }));
  const read = (count: number) =>
    listNames({ total: count, agents: agents.slice(0, count) })
      .map(({ text, page }) => (page === null ? text : `[${text}]`))
      .join('');
  expect(read(1)).toBe('[a]');
  expect(read(2)).toBe('[a] and [b]');
  expect(read(7)).toBe('[a], [b], [c], [d], [e], and [2 more]');
  expect(listNames({ total: 7, agents })[2]).toEqual({ text: 'b', page: '/agents/id of b' });
  expect(listNames({ total: 107, agents }).at(-1)).toEqual({ text: '102 more', page: '/agents' });
});
