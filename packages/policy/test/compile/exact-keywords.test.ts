import fc from 'fast-check';
import { expect, test } from 'vitest';

import { compileCallCheck } from '../../src/compile/call-check.ts';
import { compileInputCheck } from '../../src/compile/input-check.ts';
import { compareNumbers, isMultiple, readNumber } from '../../src/documents/exact-number.ts';
import type { JsonObject } from '../../src/documents/json.ts';

const A = '725653563933458437';
const read = (raw: string) => readNumber(raw);
const compile = (keywords: JsonObject) => compileInputCheck({ type: 'object', properties: { n: keywords } });
const check = (keywords: JsonObject, raw: string): string | null => compile(keywords)({ n: read(raw) });

test.each<[keywords: JsonObject, taken: string[], refused: [raw: string, sentence: string][]]>([
  [
    { type: 'integer', enum: [read(A), 5] },
    [A, '5', '725653563933458437.0'],
    ['725653563933458436', '725653563933458438', '725653563933458400', '4'].map((raw) => [raw, `"n" must be one of [${A},5]`]),
  ],
  [
    { const: read(A) },
    [A],
    [
      ['725653563933458436', `"n" must be ${A}`],
      ['725653563933458400', `"n" must be ${A}`],
    ],
  ],
  [
    { type: 'integer', minimum: read('-9223372036854775808'), maximum: read('9223372036854775807') },
    ['9223372036854775807', '-9223372036854775808', '0', '9223372036854774784'],
    [
      ['9223372036854775808', '"n" must be <= 9223372036854775807'],
      ['9223372036854776000', '"n" must be <= 9223372036854775807'],
      ['-9223372036854775809', '"n" must be >= -9223372036854775808'],
      ['1e300', '"n" must be <= 9223372036854775807'],
    ],
  ],
  [
    { exclusiveMinimum: read('0.1234567890123456789'), exclusiveMaximum: read(A) },
    ['0.12345678901234567891', '725653563933458436'],
    [
      ['0.1234567890123456789', '"n" must be > 0.1234567890123456789'],
      [A, `"n" must be < ${A}`],
    ],
  ],
  [
    { multipleOf: read('100000000000000000001') },
    ['100000000000000000001', '300000000000000000003', '0'],
    [['300000000000000000004', '"n" must be multiple of 100000000000000000001']],
  ],
  // the older form of a limit that is excluded
  [{ maximum: read(A), exclusiveMaximum: true }, ['725653563933458436'], [[A, `"n" must be < ${A}`]]],
])('%j takes exactly its numbers', (keywords, taken, refused) => {
  for (const raw of taken) expect(check(keywords, raw), raw).toBeNull();
  for (const [raw, sentence] of refused) expect(check(keywords, raw), raw).toContain(sentence);
});

test('numbers inside of what is allowed are compared with all digits, and beside a text of the same digits', () => {
  const keywords = { enum: [{ id: read(A), list: [read(A)] }, [read(A)], A] };
  const takes = (n: unknown) => compile(keywords)({ n }) === null;
  expect(takes({ list: [read(A)], id: read(A) })).toBe(true);
  expect(takes({ list: [read('725653563933458436')], id: read(A) })).toBe(false);
  expect(takes([read(A)])).toBe(true);
  expect(takes([725653563933458400])).toBe(false);
  expect(takes(A)).toBe(true);
  expect(takes(read(A))).toBe(false);
});

test('a limit that is larger than is compared, and a count of more than there can be, decide on nothing', () => {
  expect(check({ maximum: read('1e99999') }, A)).toBeNull();
  expect(compile({ maxItems: read('9223372036854775807') })({ n: [1] })).toBeNull();
  expect(compile({ minItems: read('9223372036854775807') })({ n: [1] })).toContain('must not have fewer');
  expect(check({ multipleOf: read('-100000000000000000001') }, '5')).toBeNull();
});

test('a default has its digits', () => {
  const schema = { type: 'object' as const, properties: { n: { type: 'integer', default: read(A) } }, required: ['n'] };
  const judged = compileCallCheck(schema, [], { settings: { argumentForms: 'complete', undeclaredArguments: 'refuse' } })({});
  expect(JSON.stringify(judged)).toContain(`"arguments":{"n":${A}}`);
});

test('each keyword says of each number what it says of its digits', () => {
  const whole = fc.bigInt({ min: 10n ** 17n - 60n, max: 10n ** 17n + 60n }).map(String);
  const number = fc.oneof(
    whole,
    fc.tuple(whole, fc.constantFrom('.5', '.25', '0', '00')).map(([digits, more]) => digits + more),
  );
  const limit = fc.oneof(number, fc.constantFrom('100000000000000007', '7', '0.25'));
  fc.assert(
    fc.property(limit, fc.array(number, { minLength: 1, maxLength: 5 }), (bound, values) => {
      const of = read(bound);
      const keywords = { minimum: of, maximum: of, exclusiveMinimum: of, exclusiveMaximum: of, multipleOf: of, const: of };
      const expected: Record<keyof typeof keywords, (n: ReturnType<typeof read>) => boolean> = {
        minimum: (n) => compareNumbers(n, of) >= 0,
        maximum: (n) => compareNumbers(n, of) <= 0,
        exclusiveMinimum: (n) => compareNumbers(n, of) > 0,
        exclusiveMaximum: (n) => compareNumbers(n, of) < 0,
        multipleOf: (n) => isMultiple(n, of),
        const: (n) => compareNumbers(n, of) === 0,
      };
      for (const [keyword, fits] of Object.entries(expected)) {
        const items = values.map(read);
        const accepts = compileInputCheck({
          type: 'object',
          properties: { n: { items: { [keyword]: of } } },
        })({ n: items });
        expect(accepts === null, keyword).toBe(items.every(fits));
      }
    }),
    { numRuns: 60 },
  );
});
