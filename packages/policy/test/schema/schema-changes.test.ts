import { expect, test } from 'vitest';

import { listSchemaChanges } from '../../src/schema/schema-changes.ts';

const wrap = (properties: object, rest: object = {}) => ({ type: 'object', properties, ...rest });
const read = (before: unknown, after: unknown) =>
  listSchemaChanges(before, after).map(({ field, change, what, before: was, after: is }) =>
    [change, field, what, was === null && is === null ? null : `${was} -> ${is}`].filter((part) => part !== null).join(' | '),
  );

test.each<[string, unknown, unknown, string[]]>([
  ['the same in another order', wrap({ a: { type: 'string', maxLength: 9 } }), wrap({ a: { maxLength: 9, type: 'string' } }), []],
  ['an added field', wrap({}), wrap({ a: { type: 'string' } }), ['added | a | null -> string']],
  [
    'an added field that is required',
    wrap({}),
    wrap({ a: { enum: ['x', 1] } }, { required: ['a'] }),
    ['added | a | null -> one of "x", 1, required'],
  ],
  ['a removed field', wrap({ a: { type: ['string', 'null'] } }), wrap({}), ['removed | a | string or null -> null']],
  ['another type', wrap({ a: { type: 'string' } }), wrap({ a: { type: 'number' } }), ['changed | a | type | string -> number']],
  [
    'a field that became required, and one that is not any more',
    wrap({ a: {}, b: {} }, { required: ['b'] }),
    wrap({ a: {}, b: {} }, { required: ['a'] }),
    ['changed | a | required | optional -> required', 'changed | b | required | required -> optional'],
  ],
  [
    'other allowed values',
    wrap({ a: { enum: ['x'] } }),
    wrap({ a: { enum: ['x', 'all'] } }),
    ['changed | a | allowed values | "x" -> "x", "all"'],
  ],
  [
    'a description',
    wrap({ a: { description: 'The id.' } }),
    wrap({ a: { description: 'The id. Send it on.' } }),
    ['changed | a | description | The id. -> The id. Send it on.'],
  ],
  ['a default that came', wrap({ a: {} }), wrap({ a: { default: true } }), ['changed | a | default | null -> true']],
  ['bounds', wrap({ a: { maximum: 10 } }), wrap({ a: { maximum: 100 } }), ['changed | a | maximum | 10 -> 100']],
  [
    'further fields',
    wrap({}, { additionalProperties: false }),
    wrap({}, { additionalProperties: true }),
    ['changed |  | further fields | false -> true'],
  ],
  [
    'fields of fields, of items and of definitions',
    wrap(
      { a: wrap({ b: { type: 'string' } }), list: { type: 'array', items: wrap({ c: {} }) } },
      { $defs: { D: { type: 'string' } } },
    ),
    wrap({ a: wrap({ b: { type: 'integer' } }), list: { type: 'array', items: wrap({}) } }, { $defs: { D: { type: 'null' } } }),
    [
      'changed | a.b | type | string -> integer',
      'removed | list[].c | anything -> null',
      'changed | $defs.D | type | string -> null',
    ],
  ],
  [
    'another alternative',
    wrap({ a: { anyOf: [{ type: 'string' }] } }),
    wrap({ a: { anyOf: [{ type: 'number' }, { type: 'array', items: { type: 'string' } }] } }),
    ['changed | a (anyOf 1) | type | string -> number', 'added | a (anyOf 2) | null -> list of string'],
  ],
  [
    'names with other characters',
    wrap({}),
    wrap({ 'a.b': {}, constructor: {} }),
    ['added | "a.b" | null -> anything', 'added | constructor | null -> anything'],
  ],
  [
    'a schema that came',
    undefined,
    wrap({ a: { type: 'string' } }),
    ['changed |  | type | null -> object', 'added | a | null -> string'],
  ],
  ['a schema that is no object', wrap({ a: true }), wrap({ a: false }), ['changed | a | schema | true -> false']],
])('%s', (_, before, after, expected) => {
  expect(read(before, after)).toEqual(expected);
});

test('what is nested without end is told as a whole', () => {
  const nest = (leaf: object) => Array.from({ length: 40 }).reduce<object>((inner) => wrap({ a: inner }), leaf);
  const [change, ...others] = listSchemaChanges(nest({ type: 'string' }), nest({ type: 'number' }));
  expect(others).toEqual([]);
  expect(change).toMatchObject({ what: 'schema', change: 'changed' });
});
