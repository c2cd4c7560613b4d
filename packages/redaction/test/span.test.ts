import { expect, test } from 'vitest';

import { createCharacterSet, isIn, skipBack, skipForward } from '../src/character-set.ts';
import { fold } from '../src/fold.ts';
import { logCensor } from '../src/log-censor.ts';
import { removeSpans, type Span } from '../src/span.ts';

test.each<[Span[], string, string[]]>([
  [[], 'abcdefghij', []],
  [[{ start: 2, end: 4, rule: 'email' }], 'ab[redacted:email]efghij', ['email']],
  [[{ start: 0, end: 10, rule: 'token' }], '[redacted:token]', ['token']],
  // the stronger names what two have found
  [
    [
      { start: 2, end: 5, rule: 'phone' },
      { start: 4, end: 8, rule: 'credential' },
    ],
    'ab[redacted:credential]ij',
    ['credential', 'phone'],
  ],
  // one inside of the other ends nothing
  [
    [
      { start: 2, end: 9, rule: 'token' },
      { start: 3, end: 4, rule: 'ip' },
    ],
    'ab[redacted:token]j',
    ['token', 'ip'],
  ],
  // side by side they stay two, in whatever order they came
  [
    [
      { start: 6, end: 8, rule: 'ip' },
      { start: 4, end: 6, rule: 'card' },
    ],
    'abcd[redacted:card][redacted:ip]ij',
    ['card', 'ip'],
  ],
])('of ten letters %j leaves %j', (spans, text, rules) => {
  expect(removeSpans('abcdefghij', spans)).toEqual({ text, rules });
});

test.each([
  ['A', 'a'],
  ['-', '+'],
  ['_', '/'],
  [' ', '+'],
  ['É', 'é'],
])('%j says the same as %j', (one, other) => {
  expect(fold(one.charCodeAt(0))).toBe(fold(other.charCodeAt(0)));
});

test('sets of characters are left at the first that is none of them, or at the limit', () => {
  const set = createCharacterSet('abc');
  expect([isIn(set, 'xa', 1), isIn(set, 'xa', 0), isIn(set, 'xa', 2)]).toEqual([true, false, false]);
  expect([skipForward(set, 'abcx', 0, 4), skipForward(set, 'abcabc', 0, 2)]).toEqual([3, 2]);
  expect(skipBack(set, 'xabc', 4, 10)).toBe(1);
});

test.each(['password', '*.token', '*.*.apiKey', 'headers.authorization', 'req.headers.cookie', 'res.headers["set-cookie"]'])(
  'no log has the value of %s',
  (path) => {
    expect(logCensor.paths).toContain(path);
  },
);
