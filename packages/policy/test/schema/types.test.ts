import { expect, test } from 'vitest';

import { readNumber } from '../../src/documents/exact-number.ts';
import { getTakenTypes, mergeTypes } from '../../src/schema/taken-types.ts';
import { nameType, readTypeWord, TYPES } from '../../src/schema/type-words.ts';

test.each<[string, string | null]>([
  ...TYPES.map((type): [string, string] => [type, type]),
  ['int', 'integer'],
  ['Int32', 'integer'],
  ['INT64', 'integer'],
  ['long', 'integer'],
  ['short', 'integer'],
  ['bigint', 'integer'],
  ['float', 'number'],
  ['double', 'number'],
  ['Decimal', 'number'],
  ['numeric', 'number'],
  ['real', 'number'],
  ['bool', 'boolean'],
  ['str', 'string'],
  ['text', 'string'],
  ['char', 'string'],
  ['date', 'string'],
  ['datetime', 'string'],
  ['date-time', 'string'],
  ['time', 'string'],
  ['uuid', 'string'],
  ['uri', 'string'],
  ['url', 'string'],
  ['email', 'string'],
  ['dict', 'object'],
  ['dictionary', 'object'],
  ['map', 'object'],
  ['list', 'array'],
  ['tuple', 'array'],
  ['None', 'null'],
  ['NoneType', 'null'],
  ['nil', 'null'],
  ['any', 'any'],
  ['mixed', 'any'],
  ['unknown', 'any'],
  ['*', 'any'],
  ['', 'any'],
  ['strng', null],
  ['string ', null],
  ['toString', null],
  ['__proto__', null],
  ['set', null],
  ['file', null],
])('the word %j for a type is read as %s', (word, type) => expect(readTypeWord(word)).toBe(type));

test.each([
  ['', 'string'],
  [0, 'number'],
  [1.5, 'number'],
  [1n, 'number'],
  [readNumber('725653563933458437'), 'number'],
  [false, 'boolean'],
  [null, 'null'],
  [[], 'array'],
  [{}, 'object'],
  [undefined, 'object'],
])('%o is called %s', (value, type) => expect(nameType(value)).toBe(type));

const ALL = [...TYPES];
const places: Record<string, unknown> = {
  '#/text': { type: 'string' },
  '#/loop': { $ref: '#/loop' },
  '#/never': false,
};
const take = (node: unknown) => TYPES.filter((type) => getTakenTypes(node, (reference) => places[reference]).has(type));

test.each<[string, unknown, readonly string[]]>([
  ['nothing said', {}, ALL],
  ['true', true, ALL],
  ['false', false, []],
  ['no schema', undefined, ALL],
  ['one type', { type: 'string' }, ['string']],
  ['several', { type: ['string', 'null'] }, ['string', 'null']],
  ['numbers are also whole', { type: 'number' }, ['integer', 'number']],
  ['whole numbers are whole alone', { type: 'integer' }, ['integer']],
  ['a value', { const: 'x' }, ['string']],
  ['null as the value', { const: null }, ['null']],
  ['values', { enum: ['x', 1, 1.5, null, [], {}, true] }, ALL],
  ['whole values', { enum: [1, 2] }, ['integer']],
  ['a fraction among the values', { enum: [1.5] }, ['number']],
  ['values of another type', { type: 'string', enum: [1] }, []],
  ['a value beside values', { const: 'x', enum: [1] }, ['string']],
  ['alternatives', { anyOf: [{ type: 'string' }, { type: 'null' }] }, ['string', 'null']],
  ['alternatives that exclude each other', { oneOf: [{ type: 'boolean' }, { enum: [1] }] }, ['integer', 'boolean']],
  ['no alternatives', { anyOf: [] }, []],
  ['all at once', { allOf: [{ type: ['string', 'null'] }, { type: ['null', 'array'] }] }, ['null']],
  ['an alternative within a type', { type: 'string', anyOf: [{ type: 'integer' }, {}] }, ['string']],
  ['a reference', { $ref: '#/text' }, ['string']],
  ['a reference to nothing', { $ref: '#/none' }, ALL],
  ['a reference to what is never taken', { $ref: '#/never' }, []],
  ['a reference beside a type', { $ref: '#/text', type: ['string', 'integer'] }, ['string']],
  ['a reference that never ends', { $ref: '#/loop' }, ALL],
  ['an alternative that never ends', { anyOf: [{ $ref: '#/loop' }, { type: 'null' }] }, ALL],
])('the types that a place takes: %s', (_name, node, types) => {
  expect(take(node)).toEqual(types);
});

test('references are followed over 64 levels, and a deeper one may take everything', () => {
  const buildNested = (levels: number): object => (levels === 0 ? { type: 'string' } : { allOf: [buildNested(levels - 1)] });
  expect(take(buildNested(64))).toEqual(['string']);
  expect(take(buildNested(65))).toEqual(ALL);
});

test('of several places what any of them takes', () => {
  expect(mergeTypes([])).toEqual(new Set());
  expect(mergeTypes([new Set(['string'] as const), new Set(['string', 'null'] as const)])).toEqual(new Set(['string', 'null']));
});
