import { expect, test } from 'vitest';

import {
  DROPPED,
  dropMarked,
  MAX_LOGGED_LENGTH,
  MAX_SCANNED_LENGTH,
  measureMarked,
  redactMarked,
  type Dropped,
  type Scalar,
} from '../src/marked-fields.ts';
import { LoggedField, MAX_POINTER_DEPTH, MAX_POINTER_KEY, MAX_RECORDED } from '../src/recorded.ts';
import { createRedactor } from '../src/redact.ts';

const redactor = createRedactor({ secrets: ['held-credential-value'] });
const redactOne = (value: Scalar, pointer = '/note') => redactMarked({ logged: [{ pointer, value }], further: [] }, redactor)[0];

test('the limits of what is logged', () => {
  expect({ MAX_LOGGED_LENGTH, MAX_SCANNED_LENGTH, MAX_POINTER_DEPTH, MAX_POINTER_KEY, MAX_RECORDED }).toEqual({
    MAX_LOGGED_LENGTH: 1_000,
    MAX_SCANNED_LENGTH: 65_536,
    MAX_POINTER_DEPTH: 16,
    MAX_POINTER_KEY: 128,
    MAX_RECORDED: { fields: 256, logged: 64, content: 64 },
  });
});

test.each<[Scalar, Scalar, boolean]>([
  ['as it is', 'as it is', false],
  ['', '', false],
  [true, true, false],
  [null, null, false],
  [12.5, 12.5, false],
  [Number.POSITIVE_INFINITY, 'Infinity', false],
  ['a\0b', 'a\uFFFDb', false],
  ['half \uD83D', 'half \uFFFD', false],
  ['my held-credential-value', 'my [redacted:credential]', true],
  ['x'.repeat(1_000), 'x'.repeat(1_000), false],
  ['- '.repeat(32_769), '[redacted:too-long]', true],
])('%j is logged as %j', (value, logged, redacted) => {
  expect(redactOne(value)).toEqual({ pointer: '/note', value: logged, redacted });
});

test('the value of a field whose name says that it is secret is none, whatever it is', () => {
  expect(redactOne('plain', '/auth/password')).toEqual({
    pointer: '/auth/password',
    value: '[redacted:key-name]',
    redacted: true,
  });
  expect(redactOne(7, '/password')).toMatchObject({ value: '[redacted:key-name]' });
});

test('a text of 1,001 characters is cut to 1,000, and no character in half', () => {
  expect(redactOne('- '.repeat(501))).toMatchObject({ value: `${'- '.repeat(499)}-…` });
  const cut = redactOne(`-${'- '.repeat(498)}-\u{1F600} and more`);
  expect(String(cut?.value)).toHaveLength(999);
  expect(String(cut?.value).isWellFormed()).toBe(true);
});

test.each<[Dropped, string]>([
  ['busy', '[redacted:busy]'],
  ['slow', '[redacted:slow]'],
  ['failed', '[redaction-error]'],
])('what is dropped because it was %s says so, as a field that a receipt may hold', (why, word) => {
  const logged = [
    { pointer: '/a', value: 'one' },
    { pointer: '/b', value: 2 },
  ];
  const dropped = dropMarked({ logged, further: [{ pointer: '/c', value: 'three' }] }, why);
  expect(dropped).toEqual(['/a', '/b'].map((pointer) => ({ pointer, value: word, redacted: true })));
  for (const field of dropped) expect(LoggedField.parse(field)).toEqual(field);
  expect(DROPPED[why]).toBe(word);
});

test('the size of what has to be looked at counts what is not logged too', () => {
  expect(measureMarked({ logged: [], further: [] })).toBe(0);
  const logged = [{ pointer: '/a', value: 'x'.repeat(10) }];
  expect(measureMarked({ logged, further: [] })).toBe(10);
  expect(measureMarked({ logged, further: [{ pointer: '/b', value: 3 }, ...logged] })).toBe(28);
});
