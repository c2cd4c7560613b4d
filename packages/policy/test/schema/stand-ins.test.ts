import fc from 'fast-check';
import { expect, test } from 'vitest';

import { compileCallCheck } from '../../src/compile/call-check.ts';
import { compileInputCheck } from '../../src/compile/input-check.ts';
import { readNumber } from '../../src/documents/exact-number.ts';

const check = (property: object, ...values: string[]): (string | null)[] => {
  const validate = compileInputCheck({ type: 'object', properties: { id: property } });
  return values.map((raw) => validate({ id: readNumber(raw) }));
};
const REFUSED = expect.stringMatching(/^"id" must be /);

test.each<[name: string, property: object, fits: string[], fitsNot: string[]]>([
  [
    'integer',
    { type: 'integer' },
    ['725653563933458437', '1e400', '-9007199254740993'],
    ['0.1234567890123456789', '1.00000000000000000001'],
  ],
  ['number', { type: 'number' }, ['725653563933458437', '0.1234567890123456789', '1e400', '9007199254740993.5'], []],
  ['text', { type: 'string' }, [], ['725653563933458437']],
  ['object', { type: 'object' }, [], ['725653563933458437']],
  ['minimum', { minimum: 9007199254740992 }, ['9007199254740993'], ['-9007199254740993', '9007199254740991.5']],
  ['exclusive minimum', { exclusiveMinimum: 9007199254740992 }, ['9007199254740992.1'], ['9007199254740991.9']],
  ['maximum', { maximum: 9007199254740992 }, ['9007199254740991.9'], ['9007199254740992.1', '1e400']],
  ['exclusive maximum', { exclusiveMaximum: 1 }, ['0.99999999999999999999'], ['1.00000000000000000001']],
  ['multiple', { multipleOf: 10 }, ['725653563933458430', '7256535639334584370'], ['725653563933458437', '725653563933458435']],
  ['multiple of a hundredth', { multipleOf: 0.01 }, ['12345678901234567.89', '19.99'], ['12345678901234567.895', '19.995']],
  ['enumeration', { enum: [9007199254740992, 'x'] }, ['9007199254740992'], ['9007199254740993']],
  ['one value', { const: 9007199254740992 }, [], ['9007199254740993']],
  ['not', { not: { minimum: 9007199254740992 } }, ['9007199254740991.5'], ['9007199254740993.5']],
])('%s is decided by the digits of a number', (_name, property, fits, fitsNot) => {
  expect(check(property, ...fits)).toEqual(fits.map(() => null));
  expect(check(property, ...fitsNot)).not.toContain(null);
});

test('limits hold for every number beside them', () => {
  // in tenths, as digits: what a limit means is the decimal that was written, though a double is another number
  const limits = [0n, 10n, 1n, 2n ** 53n * 10n, 9223372036854776000n * 10n, -(2n ** 53n) * 10n, 10n ** 24n];
  const near = fc.tuple(fc.constantFrom(...limits), fc.bigInt({ min: -2000n, max: 2000n }));
  fc.assert(
    fc.property(near, fc.constantFrom(...limits), ([start, by], tenths) => {
      const scaled = start * 10n ** 24n + by;
      const raw = `${scaled}e-25`;
      const expected = scaled - tenths * 10n ** 24n;
      const limit = Number(`${tenths}e-1`);
      const [least, most] = [...check({ minimum: limit }, raw), ...check({ maximum: limit }, raw)];
      expect([least === null, most === null]).toEqual([expected >= 0n, expected <= 0n]);
    }),
    { numRuns: 500 },
  );
});

test('numbers that no double tells apart are told apart', () => {
  const validate = compileInputCheck({
    type: 'object',
    properties: { ids: { type: 'array', uniqueItems: true, items: { type: 'integer', minimum: 0 } } },
  });
  const list = (count: number, repeat: number) =>
    Array.from({ length: count }, (_, at) => readNumber(String(725653563933458433n + BigInt(at % repeat))));
  expect(validate({ ids: list(3_000, 3_000) })).toBeNull();
  expect(validate({ ids: list(2, 1) })).toMatch(/^"ids" must not have duplicate items/);
});

test('what cannot be decided is refused, and the argument named', () => {
  expect(check({ type: 'integer' }, '9007199254740993.5')).toEqual([
    '"id" has more digits than can be checked against the schema of this tool. Send it as a text, or with fewer.',
  ]);
  const [nested] = [
    compileInputCheck({
      type: 'object',
      properties: { list: { type: 'array', items: { type: 'object', properties: { n: { type: 'integer' } } } } },
    }),
  ];
  expect(nested({ list: [{ n: readNumber('9007199254740993.5') }] })).toMatch(/^"list\.0\.n" has more digits/);
});

test('what is sent is the number itself, beside a pinned value too', () => {
  const schema = { type: 'object' as const, properties: { id: { type: 'integer' }, tenant: { type: 'string' } } };
  const args = { id: readNumber('725653563933458437') };
  const plain = compileCallCheck(schema, [])(args);
  expect(plain).toMatchObject({ ok: true, arguments: args });
  const pinned = compileCallCheck(schema, [{ kind: 'pin', argument: '/tenant', value: 'acme' }])(args);
  expect(JSON.stringify(pinned)).toContain('"arguments":{"id":725653563933458437,"tenant":"acme"}');
  const putRight = compileCallCheck(schema, [])({ ...args, tenant: null });
  expect(JSON.stringify(putRight)).toContain('"arguments":{"id":725653563933458437}');
  const restricted = compileCallCheck(schema, [{ kind: 'restrict', argument: '/id', values: [725653563933458400] }])(args);
  expect(restricted).toEqual({ ok: false, problem: REFUSED });
});
