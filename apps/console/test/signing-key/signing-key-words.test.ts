import { expect, test } from 'vitest';

import { describeUse, listNames } from '../../src/features/signing-key/signing-key-words.ts';

test('a key says what it signs by now', () => {
  const retiredAt = new Date();
  expect(describeUse({ isRoot: true, retiredAt: null })).toBe('Everything, until the first rotation');
  expect(describeUse({ isRoot: true, retiredAt })).toBe('Keysets only');
  expect(describeUse({ isRoot: false, retiredAt: null })).toBe('Everything but keysets');
  expect(describeUse({ isRoot: false, retiredAt })).toBe('Nothing any more');
});

test('agents are named, and counted where there are many', () => {
  const agents = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => ({ name }));
  expect(listNames(agents.slice(0, 1))).toBe('a');
  expect(listNames(agents.slice(0, 2))).toBe('a and b');
  expect(listNames(agents)).toBe('a, b, c, d, e, and 2 more');
});
