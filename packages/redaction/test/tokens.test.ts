import { expect, test } from 'vitest';

import { findNamedSecrets } from '../src/detectors/key-names.ts';
import { findTokens } from '../src/detectors/tokens.ts';

const SIZE = 1_000_000;
const fill = (piece: string) => piece.repeat(SIZE / piece.length);

test.each([
  ['prefixes without a token', fill('sk-.')],
  ['prefixes in runs of their own', fill('sk-abcdefghijkl=')],
  ['an address of a webhook that ends in punctuation', `hooks.slack.com/${'.'.repeat(SIZE)}x`],
  ['starts of web tokens', fill('/eyJabcdefgh')],
])('T-57: a megabyte of %s is read as fast as any other text', (_what, text) => {
  expect(findTokens(text).length).toBeLessThan(SIZE);
});

test('a token ends where its characters do, and a weak prefix needs a digit behind it', () => {
  expect(findTokens(`see ${'gh'}p_abcdefghijklmnopqrst, then`)).toEqual([{ start: 4, end: 28, rule: 'token' }]);
  expect(findTokens('sk-abcdefghijklmn')).toEqual([]);
  expect(findTokens('sk-abcdefghijklm1.')).toEqual([{ start: 0, end: 17, rule: 'token' }]);
  expect(findTokens('hooks.slack.com/services/T0/B0/x...')).toEqual([{ start: 0, end: 32, rule: 'token' }]);
});

test.each([
  ['names of secrets', fill('password=')],
  ['flags of a user', fill('-u.')],
])('T-57: a megabyte of %s is read as fast as any other text', (_what, text) => {
  expect(findNamedSecrets(text).length).toBeLessThan(SIZE);
});
