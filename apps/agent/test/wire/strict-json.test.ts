import fc from 'fast-check';
import { expect, test } from 'vitest';

import { readStrictJson } from '../../src/wire/strict-json.ts';

const parse = (text: string): unknown => readStrictJson(Buffer.from(text)).value;
const key = fc.string({ unit: 'grapheme' }).filter((text) => text !== '__proto__');
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.string({ unit: 'grapheme' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value')),
    fc.dictionary(key, tie('value'), { noNullPrototype: true }),
  ),
}));

test('what was written by JSON.stringify is read, with white space or without', () => {
  fc.assert(
    fc.property(value, fc.constantFrom('', ' ', '\t', '\r\n'), (drawn, space) => {
      const text = JSON.stringify(drawn, null, space);
      expect(parse(text)).toEqual(JSON.parse(text));
    }),
    { numRuns: 1_000 },
  );
});

/** A text as it may be written as well: each UTF-16 unit as an escape. */
function escapeAll(text: string): string {
  return text.replaceAll(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

test('a key that stands twice in an object is refused, however it is written and whatever stands around it', () => {
  fc.assert(
    fc.property(key, value, value, (twice, first, second) => {
      const [name, again] = [JSON.stringify(twice), `"${escapeAll(twice)}"`];
      const text = `[{"a\\"b":{${name}:${JSON.stringify(first)} , ${again}\n:${JSON.stringify(second)}}}]`;
      expect(() => parse(text)).toThrow('An object has the same key twice.');
    }),
    { numRuns: 500 },
  );
});

test('the same text may stand in two objects, as key and as value, and twice in a list', () => {
  const text = '{"a":{"a":"a"},"b":["a","a",{"a":"b"}]}';
  expect(parse(text)).toEqual(JSON.parse(text));
});

test('four million escapes in one text are read', () => {
  expect(parse(JSON.stringify({ text: '"\\'.repeat(2_000_000) }))).toEqual({ text: '"\\'.repeat(2_000_000) });
});

test.each([
  ['a number of 401 digits', `{"a":[1,${'1'.repeat(401)}]}`, 'A number is longer than 400 characters'],
  ['a number that nobody can calculate with', '[1e99999]', 'A number is longer than 400 characters'],
  ['half of a character', String.raw`["\ud83d"]`, 'A text holds half of a character.'],
  ['half of one in a key', String.raw`{"\udc00":1}`, 'A text holds half of a character.'],
  ['the prototype', '{"__proto__":1}', 'An object has the key "__proto__".'],
  ['the prototype in escapes', String.raw`{"\u005f_proto__":1}`, 'An object has the key "__proto__".'],
  ['too many levels', `${'['.repeat(65)}${']'.repeat(65)}`, 'The text is nested deeper than 64 levels.'],
])('%s is refused', (_, text, message) => {
  expect(() => parse(text)).toThrow(message);
});

test.each([
  ['725653563933458437', '725653563933458437'],
  ['-9007199254740993', '-9007199254740993'],
  ['0.1234567890123456789', '0.1234567890123456789'],
  ['12345678901234567890.10', '12345678901234567890.1'],
  ['1e400', '1e400'],
  ['9007199254740993e0', '9007199254740993'],
])('%s, which no double keeps, is read as its digits', (written, digits) => {
  expect(JSON.stringify(parse(`{"a":[${written}]}`))).toBe(`{"a":[${digits}]}`);
});

test.each(['12.50', '1.0', '-0', '1E2', '0.1', '9007199254740992', '1e22', '5e-324'])(
  '%s is the double that it is',
  (written) => {
    expect(parse(`[${written}]`)).toEqual([Number(written)]);
  },
);

test('a number has 400 characters at most', () => {
  expect(parse(`0.${'0'.repeat(398)}`)).toBe(0);
  expect(() => parse(`0.${'0'.repeat(399)}`)).toThrow('A number is longer than 400 characters');
});
