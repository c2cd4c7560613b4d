import { expect, test } from 'vitest';

import { compileInputCheck } from '../../src/compile/input-check.ts';
import { mayRepeat } from '../../src/limits/schema-cost.ts';

const TOO_LONG = 'The arguments hold more than can be checked against the schema of this tool. Send less at a time.';

const number = { type: 'number' };
const makeList = (length: number) => Array.from({ length }, (_, index) => index);
const makeMap = (size: number) => Object.fromEntries(makeList(size).map((index) => [`k${index}`, index]));
/** Members of one list or map in `outer` of them: 1.1 million, where each is looked at once at least. */
const [OUTER, INNER] = [1_100, 1_000];

const ofList = makeList(INNER);
const ofMap = makeMap(INNER);
const LOOPS: [string, object, unknown][] = [
  ['items', { items: number }, ofList],
  ['items after prefixItems', { prefixItems: [{}], items: number }, ofList],
  ['additionalItems', { items: [{}], additionalItems: number }, ofList],
  ['unevaluatedItems', { unevaluatedItems: number }, ofList],
  ['contains', { contains: { const: INNER - 1 } }, ofList],
  ['patternProperties', { patternProperties: { '^k': number } }, ofMap],
  ['additionalProperties', { additionalProperties: number }, ofMap],
  ['unevaluatedProperties', { unevaluatedProperties: number }, ofMap],
  ['propertyNames', { propertyNames: { minLength: 1 } }, ofMap],
  ['$ref', { items: { $ref: '#/$defs/number' } }, ofList],
];

test.each(LOOPS)('T-57: every look of %s is a step of the budget, so ajv writes its code as we think', (name, inner, value) => {
  const schema = {
    ...(name === 'additionalItems' ? { $schema: 'http://json-schema.org/draft-07/schema#' } : {}),
    type: 'object',
    properties: { all: { items: inner } },
    $defs: { number: { $dynamicAnchor: 'number', ...number } },
  };
  const check = compileInputCheck(schema);
  expect(check({ all: [value, value] })).toBeNull();
  expect(check({ all: Array.from({ length: OUTER }, () => value) })).toBe(TOO_LONG);
  // the budget is one of each check
  expect(check({ all: [value, value] })).toBeNull();
});

const eight = Array.from({ length: 8 }, () => number);
const IN_PLACE: [string, object][] = [
  ['allOf', { allOf: eight }],
  ['anyOf', { anyOf: [...eight.map(() => ({ type: 'string' })), number] }],
  ['oneOf', { oneOf: [...eight.map(() => ({ type: 'string' })), number] }],
  ['not', { allOf: eight.map(() => ({ not: { type: 'string' } })) }],
  ['if', { allOf: eight.map(() => ({ if: number, else: false })) }],
];

test.each(IN_PLACE)('T-57: so is every look of what stands in %s', (_name, inner) => {
  const check = compileInputCheck({ type: 'object', properties: { all: { items: inner } } });
  expect(check({ all: makeList(1_000) })).toBeNull();
  // without those looks a fifth of the budget
  expect(check({ all: makeList(200_000) })).toBe(TOO_LONG);
});

test('T-57: references that double at each level of a value end', () => {
  const $defs = { node: { properties: { next: { allOf: [{ $ref: '#/$defs/node' }, { $ref: '#/$defs/node' }] } } } };
  const check = compileInputCheck({ type: 'object', $defs, properties: { root: { $ref: '#/$defs/node' } } });
  const nest = (levels: number): object => (levels === 0 ? {} : { next: nest(levels - 1) });
  expect(check({ root: nest(8) })).toBeNull();
  expect(check({ root: nest(40) })).toBe(TOO_LONG);
});

test('steps are counted only where a sub-schema may be asked more than once', () => {
  const plain = {
    type: 'object',
    properties: { a: number, b: { anyOf: [number, { type: 'null' }] } },
    additionalProperties: false,
  };
  expect(mayRepeat(plain)).toBe(false);
  for (const [, inner] of LOOPS) expect(mayRepeat({ properties: { a: inner } })).toBe(true);
  const check = compileInputCheck(plain);
  expect([check({ a: 1, b: null }), check({ a: 'x' }), check({ c: 1 })]).toEqual([
    null,
    '"a" must be a number; a string came.',
    "This tool has no argument 'c'; it takes a, b.",
  ]);
});
