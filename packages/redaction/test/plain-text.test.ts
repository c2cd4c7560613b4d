import { expect, test } from 'vitest';

import { readUnit, toPlainText } from '../src/plain-text.ts';

test.each([
  ['plain text, as it is', 'plain text, as it is'],
  ['a%20b', 'a b'],
  ['a%2520b', 'a b'],
  // without its accent, as it is looked for
  ['caf%C3%A9', 'cafe'],
  ['\\u0041\\x42\\u{43}', 'ABC'],
  ['\\\\u0041', 'A'],
  ['&lt;a&gt;', '<a>'],
  ['&#65;&#x42;', 'AB'],
  ['&amp;lt;', '<'],
  ['zero\u200Bwidth', 'zerowidth'],
  ['\u001B[31mred\u001B[0m', 'red'],
  ['Ａｂ１', 'Ab1'],
  ['100 % & more', '100 % & more'],
  ['a\\ b', 'a b'],
])('%j reads %j', (written, plain) => {
  expect(toPlainText(written)).toBe(plain);
});

test.each([
  ['%41', 0, { text: 'A', end: 3 }],
  ['a%41', 1, { text: 'A', end: 4 }],
  ['&amp;', 0, { text: '&', end: 5 }],
  ['x', 0, { text: 'x', end: 1 }],
])('the unit of %j at %i', (text, at, unit) => {
  expect(readUnit(text, at)).toMatchObject(unit);
});

test('of escapes of escapes, four are one too many for a reader and are left', () => {
  expect(toPlainText('%252541')).toBe('A');
  expect(toPlainText('%2525252541')).not.toBe('A');
});
