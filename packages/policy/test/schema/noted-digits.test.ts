import fc from 'fast-check';
import { expect, test } from 'vitest';

import { toCanonicalJson } from '../../src/documents/canonical.ts';
import { computePin } from '../../src/documents/content-hash.ts';
import { isExactNumber, readNumber, type ExactNumber } from '../../src/documents/exact-number.ts';
import type { JsonObject } from '../../src/documents/json.ts';
import { computeSteadyPin, getRoundedPin, getSteadyPin } from '../../src/documents/steady-pin.ts';
import { DIGITS_KEY, dropDigits, noteDigits, restoreDigits, roundDigits } from '../../src/schema/noted-digits.ts';

const readBig = (raw: string): ExactNumber => {
  const value = readNumber(raw);
  if (!isExactNumber(value)) throw new Error(`${raw} is kept`);
  return value;
};

const makeTool = (allowed: readonly unknown[]) => ({
  name: 'open',
  inputSchema: {
    type: 'object' as const,
    properties: { 'a/b': { enum: allowed }, size: { maximum: readBig('9223372036854775807') } },
  },
});

/** As a parser of doubles reads what is stored and sent. */
const parseAgain = (definition: JsonObject): JsonObject => JSON.parse(JSON.stringify(definition)) as JsonObject;

const exact = fc
  .tuple(fc.bigInt({ min: 10n ** 17n, max: 10n ** 25n }), fc.boolean())
  .map(([digits, negative]) => readNumber(`${negative ? '-' : ''}${digits}1`));
const key = fc.string({ unit: fc.constantFrom('a', '/', '~', '0', ' ') }).filter((name) => name !== DIGITS_KEY);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    exact,
    fc.constantFrom(1, 0.5, 9007199254740992, 'text', true, null, readNumber('1e999'), readNumber('-1e999')),
    fc.array(tie('value')),
    fc.dictionary(key, tie('value'), { noNullPrototype: true }),
  ),
}));

test('digits come back to where they were from beside the doubles that everybody reads, and the pin covers them', () => {
  fc.assert(
    fc.property(fc.dictionary(key, value, { noNullPrototype: true }), (definition) => {
      const sent = parseAgain(noteDigits(definition));
      expect(JSON.stringify(restoreDigits(sent))).toBe(JSON.stringify(definition));
      expect(JSON.stringify(dropDigits(sent))).toBe(JSON.stringify(roundDigits(definition)));
      expect(toCanonicalJson(restoreDigits(sent))).toBe(toCanonicalJson(definition));
      expect(computeSteadyPin('prompt', sent)).toBe(computeSteadyPin('prompt', definition));
    }),
    { numRuns: 2_000 },
  );
});

test('another digit is another pin, and the order of a set is none', () => {
  const [approved, other, turned] = [
    [readBig('725653563933458437'), 1],
    [readBig('725653563933458436'), 1],
    [1, readBig('725653563933458437')],
  ].map((allowed) => noteDigits(makeTool(allowed)));
  expect(computePin(approved)).not.toBe(computePin(other));
  const toSteady = (definition = {}) => computeSteadyPin('tool', parseAgain(definition));
  expect(toSteady(approved)).not.toBe(toSteady(other));
  expect(toSteady(approved)).toBe(toSteady(turned));
  // what a prompt is approved by is all of it
  const prompt = noteDigits({ name: 'p', n: readBig('725653563933458437') });
  const entry = { kind: 'prompt' as const, pin: computePin(prompt), definition: prompt };
  expect(getSteadyPin(entry)).toBe(computeSteadyPin('prompt', { name: 'p', n: readBig('725653563933458437') }));
  // as agents and approvals have it that read doubles
  expect(getRoundedPin(entry)).toBe(computePin({ name: 'p', n: 725653563933458400 }));
  expect(getRoundedPin({ kind: 'prompt', definition: { name: 'p' } })).toBeNull();
});

test.each([
  ['another number than stands there', { [DIGITS_KEY]: { '/n': '725653563933459437' } }],
  ['a number that a double keeps', { [DIGITS_KEY]: { '/n': '725653563933458400' } }],
  ['no number', { [DIGITS_KEY]: { '/n': '"725653563933458437"', '/text': '1' } }],
  ['more than a number', { [DIGITS_KEY]: { '/n': '725653563933458437 ' } }],
  ['a place that is not there', { [DIGITS_KEY]: { '/m': '725653563933458437' } }],
  ['no digits', { [DIGITS_KEY]: { '/n': 1 } }],
  ['no places', { [DIGITS_KEY]: 'x' }],
])('digits of %s are left out', (_what, table) => {
  expect(JSON.stringify(restoreDigits({ n: 725653563933458400, text: 'x', ...table }))).toBe(
    '{"n":725653563933458400,"text":"x"}',
  );
});
