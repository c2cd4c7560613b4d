import { expect, test, vi } from 'vitest';

import { countWork } from '@gatehouse/redaction/testing/count-work';

import { compileInputCheck } from '../../src/compile/input-check.ts';
import { CheckBudget } from '../../src/limits/check-budget.ts';

const number = { type: 'number' };
const text = { type: 'string' };
const never = Array.from({ length: 8 }, () => ({ const: 'x' }));

/** By keyword, schemas that look at as much of a value as they can. Each is asked of a value and of all that is in it. */
const KEYWORDS: Readonly<Record<string, readonly object[]>> = {
  type: [{ type: ['string', 'null', 'boolean', 'integer', 'number', 'array', 'object'] }],
  enum: [{ enum: Array.from({ length: 500 }, (_, at) => `v${at}`) }, { enum: Array.from({ length: 200 }, (_, a) => ({ a })) }],
  const: [{ const: { a: [1, { b: 2 }] } }, { not: { const: 'a'.repeat(500) } }],
  'minimum, maximum, multipleOf': [{ minimum: 0, exclusiveMinimum: -1, maximum: 1e9, exclusiveMaximum: 1e10, multipleOf: 0.5 }],
  'minLength, maxLength': [{ minLength: 2, maxLength: 20_000 }],
  pattern: [{ pattern: '^(a|aa)+$' }, { pattern: '(a*)*b' }, { pattern: 'a.*a.*a.*b' }],
  format: [{ format: 'email' }, { format: 'regex' }],
  'minItems, maxItems': [{ minItems: 1, maxItems: 1e6 }],
  uniqueItems: [{ uniqueItems: true }],
  'items, prefixItems': [{ items: number }, { prefixItems: [{}, number], items: number }],
  contains: [{ contains: { const: -1 } }, { contains: number, minContains: 3, maxContains: 1e6 }],
  unevaluatedItems: [
    { prefixItems: [{}], unevaluatedItems: number },
    { contains: text, unevaluatedItems: number },
  ],
  'minProperties, maxProperties': [{ minProperties: 1, maxProperties: 1e6 }],
  'properties, required': [{ properties: { k1: number, k2: number }, required: ['k1', 'k2'] }],
  patternProperties: [{ patternProperties: { '^k': number, '1$': number, 'k*k*k*x': text } }],
  additionalProperties: [{ properties: { k1: {} }, patternProperties: { '^j': {} }, additionalProperties: number }],
  propertyNames: [{ propertyNames: { minLength: 1, maxLength: 20, pattern: '^k' } }],
  'dependentRequired, dependentSchemas': [{ dependentRequired: { k1: ['k2'] }, dependentSchemas: { k1: { required: ['k2'] } } }],
  unevaluatedProperties: [{ anyOf: [{ properties: { k1: number } }, text], unevaluatedProperties: number }],
  'allOf, anyOf, oneOf': [{ allOf: [{}, { anyOf: [...never, {}] }, { oneOf: [...never, {}] }] }],
  'not, if': [{ not: { const: 'x' }, if: number, else: { not: { const: 'y' } } }],
  $ref: [{ $ref: '#/$defs/all' }, { $dynamicRef: '#all' }],
};

const list = (length: number, write: (at: number) => unknown) => Array.from({ length }, (_, at) => write(at));
/** Values of a size: broad, long, and deep. */
const VALUES: Readonly<Record<string, (size: number) => unknown>> = {
  numbers: (size) => list(size, (at) => at),
  texts: (size) => list(size, (at) => `v${at % 600}`),
  'equal beginnings': (size) => list(size / 10, (at) => ({ a: [1, { b: at }] })),
  map: (size) => Object.fromEntries(list(size, (at) => at).map((at) => [`k${String(at)}`, at])),
  'long text': (size) => 'a'.repeat(size),
  'long texts': (size) => list(size / 500, () => 'a'.repeat(500)),
  depth: (size) => list(size / 20, () => list(1, () => list(1, () => list(1, (at) => at)))),
};

test.each(Object.entries(KEYWORDS))('T-57: four times the value is four times the work: %s', (_keyword, schemas) => {
  const slow = schemas.flatMap((schema) => {
    const check = compileInputCheck({
      type: 'object',
      properties: { all: { allOf: [schema, { items: schema }, { additionalProperties: schema }] } },
      $defs: { all: { $dynamicAnchor: 'all', items: { $ref: '#/$defs/all' } } },
    });
    return Object.entries(VALUES).flatMap(([name, write]) => {
      const [little = 0, much = 0] = [1_000, 4_000].map((size) => countCheck(check, { all: write(size) }) / size);
      return much > little * 1.25 + 1 ? [`${name}: ${little.toFixed(2)}, then ${much.toFixed(2)} ${JSON.stringify(schema)}`] : [];
    });
  });
  expect(slow).toEqual([]);
});

test('T-57: a value is looked up in an enumeration, not compared with each that is allowed', () => {
  const countReads = (allowed: number) => {
    const check = compileInputCheck({ type: 'object', properties: { all: { items: { enum: list(allowed, (a) => ({ a })) } } } });
    return countCheck(check, { all: list(50, () => ({ a: 0 })).concat(list(50, () => ({ a: allowed - 1 }))) });
  };
  expect(countReads(900)).toBe(countReads(9));
});

test('equal values are equal in an enumeration and in a list without doubles, however they are written', () => {
  const check = compileInputCheck({
    type: 'object',
    properties: { one: { enum: [{ a: 1, b: [null, '\ud800'] }, 'x', 1, null, false] }, all: { uniqueItems: true } },
  });
  const halves = ['\ud800', '\ud801', String.raw`\ud800`];
  for (const one of [{ b: [null, '\ud800'], a: 1 }, 'x', 1, null, false]) expect(check({ one, all: halves })).toBeNull();
  for (const one of [{ a: 1 }, { a: 1, b: [null, '\ud801'] }, [], '1', true, 0, ''])
    expect(check({ one })).toMatch(/^"one" must be one of /);
  expect(
    check({
      all: [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    }),
  ).toBe('"all" must not have duplicate items; an array came.');
  expect(check({ all: ['\ud800', '\ud800'] })).toBe('"all" must not have duplicate items; an array came.');
});

test('an enumeration of nothing is left to the server', () => {
  expect(compileInputCheck({ type: 'object', properties: { one: { enum: [] } } })({ one: 'x' })).toBeNull();
});

/** What is read of the value, what the methods that are called look at, and what was spent of the budget. */
function countCheck(check: (args: Record<string, unknown>) => unknown, args: Record<string, unknown>): number {
  let reads = 0;
  const watch = <T>(value: T): T => {
    if (typeof value !== 'object' || value === null) return value;
    const handler: ProxyHandler<object> = {
      get(target, key) {
        reads += 1;
        return watch<unknown>(Reflect.get(target, key));
      },
    };
    return new Proxy<T & object>(value, handler);
  };
  const spent = vi.spyOn(CheckBudget.prototype, 'spend');
  try {
    const work = countWork(() => check(watch(args)));
    return work + reads + spent.mock.calls.reduce((sum, [steps]) => sum + steps, 0);
  } finally {
    spent.mockRestore();
  }
}
