import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';

import { hashContent } from '../../src/documents/content-hash.ts';
import {
  compareNumbers,
  hasKeptNumbers,
  isExactNumber,
  isInteger,
  isKeptByDouble,
  isMultiple,
  readNumber,
  writeNumber,
} from '../../src/documents/exact-number.ts';
import { isJsonObject } from '../../src/documents/json.ts';

test.each([
  ['725653563933458437', '725653563933458437'],
  ['725653563933458437.0', '725653563933458437'],
  ['7.25653563933458437e17', '725653563933458437'],
  ['-725653563933458437', '-725653563933458437'],
  ['0.12345678901234567890', '0.1234567890123456789'],
  ['123456789012345678.5e-30', '0.0000000000001234567890123456785'],
  ['1e400', '1e400'],
  ['12345e-400', '12345e-400'],
])('%s is read as %s', (raw, digits) => {
  const value = readNumber(raw);
  expect([isExactNumber(value), writeNumber(value), JSON.stringify({ value })]).toEqual([true, digits, `{"value":${digits}}`]);
  expect(isJsonObject(value)).toBe(false);
  expect(hashContent({ value })).toBe(hashContent({ value: readNumber(digits) }));
});

test.each(['12.50', '1.0', '-0', '0e5', '9007199254740992', '1E2', '0.1', '100000000000000000000000'])(
  '%s is a double',
  (raw) => {
    expect(readNumber(raw)).toBe(Number(raw));
  },
);

const big = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });

test('numbers compare as decimals', () => {
  fc.assert(
    fc.property(big, fc.oneof(big, fc.bigInt({ min: -300n, max: 300n })), (a, difference) => {
      const b = a + difference;
      const sign = (number: number | bigint): number => Number(number > 0) - Number(number < 0);
      expect(sign(compareNumbers(readNumber(String(a)), readNumber(String(b))))).toBe(sign(a - b));
      expect(sign(compareNumbers(readNumber(`${a}e-20`), readNumber(`${b}e-20`)))).toBe(sign(a - b));
    }),
  );
});

// found by the property above: a double that ends in zeros is read back as another whole number than the one that was written
test.each([
  ['-119209289550781250000000', '-119209289550781250000001', 1],
  ['-119209289550781250000000', '-119209289550781249999999', -1],
  ['9223372036854776000', '9223372036854775900', 1],
  ['100000000000000000000000', '99999999999999999999999', 1],
  ['1e23', '100000000000000000000000', 0],
])('%s beside %s: %s', (a, b, order) => {
  expect(Math.sign(compareNumbers(readNumber(a), readNumber(b)))).toBe(order);
  expect(Math.sign(compareNumbers(readNumber(b), readNumber(a))) + order).toBe(0);
});

test('multiples are those of decimals', () => {
  fc.assert(
    fc.property(big, fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 0, max: 6 }), (digits, of, places) => {
      expect(isMultiple(readNumber(`${digits}e-${places}`), Number(`${of}e-${places}`))).toBe(digits % BigInt(of) === 0n);
    }),
  );
  expect([isMultiple(19.99, 0.01), isMultiple(19.995, 0.01), isMultiple(1, 0), isMultiple(Infinity, 2)]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

test.each([
  ['9007199254740993', true],
  ['9007199254740993.5', false],
  ['1.00000000000000000001', false],
  ['1e400', true],
  ['1.5', false],
])('%s is a whole number: %s', (raw, whole) => {
  expect(isInteger(readNumber(raw))).toBe(whole);
});

test.each([
  ['[1,"725653563933458437",{"9007199254740993":12.5}]', true],
  ['[1,725653563933458437]', false],
  ['{"a\\"":1e999}', false],
])('every number in %s is kept: %s', (json, kept) => {
  expect(hasKeptNumbers(json)).toBe(kept);
});

test('the numbers of a long text are looked at one after the other', () => {
  const exec = vi.spyOn(RegExp.prototype, 'exec');
  onTestFinished(() => exec.mockRestore());
  expect(hasKeptNumbers(`[9007199254740993${',1'.repeat(1_000)}]`)).toBe(false);
  expect(exec.mock.calls.length).toBeLessThan(10);
});

/** The value as a fraction of whole numbers: digits, and the power of ten that they are times. */
function readFraction(raw: string): [digits: bigint, power: number] {
  const [, sign = '', whole = '', fraction = '', power = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(raw) ?? [];
  return [BigInt(sign + whole + fraction), Number(power) - fraction.length];
}

function isEqualDecimal(a: string, b: string): boolean {
  const [[left, leftPower], [right, rightPower]] = [readFraction(a), readFraction(b)];
  if (left === 0n || right === 0n) return left === right;
  const least = Math.min(leftPower, rightPower);
  return left * 10n ** BigInt(leftPower - least) === right * 10n ** BigInt(rightPower - least);
}

test('a double keeps a number when what ECMAScript writes for it is the same decimal, however both are written', () => {
  const raw = fc.stringMatching(/^-?(?:0|[1-9]\d{0,22})(?:\.(?:0{0,8}\d{1,20}|\d{1,17}0{0,3}))?(?:[eE][+-]?\d{1,3})?$/);
  fc.assert(
    fc.property(raw, (text) => {
      const written = String(Number(text));
      expect(isKeptByDouble(text)).toBe(Number.isFinite(Number(text)) && isEqualDecimal(text, written));
      const digits = readNumber(text);
      expect(isEqualDecimal(text, writeNumber(digits))).toBe(true);
    }),
    { numRuns: 20_000, examples: [['-0'], ['0e5'], ['1e-400'], ['4.9e-324'], ['123456789012345e290'], ['1e290'], ['9e-291']] },
  );
});
