import { createSecretKey } from 'node:crypto';

import { expect, test } from 'vitest';

import { fingerprint, isGuessable } from '../src/fingerprint.ts';
import { FieldShape, LoggedField, MAX_POINTER_DEPTH, MAX_POINTER_KEY, RecordedArguments } from '../src/recorded.ts';
import { findPropertyPlace, getItemPlace, getSchemaRoot, isEnumerated, isRecord } from '../src/schema-fields.ts';
import { escapeKey, isAddressable, isExactNumber, walkFields } from '../src/shape.ts';

const exact = JSON.rawJSON?.('725653563933458437');
const walk = (value: unknown, schema: unknown) =>
  Array.from(walkFields(value, schema), ({ shape: { pointer, type } }) => `${pointer} ${type}`);
const a = { properties: { a: { type: 'string' } } };

test.each<[string, unknown, unknown, string[]]>([
  ['no schema', { a: 1 }, null, [' undeclared']],
  ['a schema that is none', { a: 1 }, 7, [' undeclared']],
  ['true', { a: 1 }, true, [' undeclared']],
  ['properties that are none', { a: 1 }, { properties: [] }, [' undeclared']],
  ['its properties', { a: 1, b: 2 }, a, ['/a number', ' undeclared']],
  ['all at once', { a: 1 }, { allOf: [{}, a] }, ['/a number']],
  ['alternatives', { a: 1 }, { anyOf: [{}, { oneOf: [a] }] }, ['/a number']],
  ['a condition', { a: 1 }, JSON.parse('{"then":{"properties":{"a":{}}}}'), ['/a number']],
  ['otherwise', { a: 1 }, { else: a }, ['/a number']],
  ['what it must not be', { a: 1 }, { not: a, if: a }, [' undeclared']],
  ['a reference', { a: 1 }, { $ref: '#/$defs/x', $defs: { x: a } }, ['/a number']],
  ['a reference with a slash', { a: 1 }, { $ref: '#/$defs/x~1y~0', $defs: { 'x/y~': a } }, ['/a number']],
  ['a reference into a list', { a: 1 }, { $ref: '#/list/1', list: [{}, a] }, ['/a number']],
  ['a reference to the whole', { b: { b: {} } }, { properties: { b: { $ref: '#' } } }, ['/b object', '/b/b object']],
  ['a reference to itself', { a: 1 }, { $ref: '#' }, [' undeclared']],
  ['a reference to elsewhere', { a: 1 }, { $ref: 'x.json#/$defs/x', $defs: { x: a } }, [' undeclared']],
  ['a reference to nothing', { a: 1 }, { $ref: '#/$defs/y', $defs: { x: a } }, [' undeclared']],
  ['a reference to what every object has', { a: 1 }, { $ref: '#/constructor' }, [' undeclared']],
  ['any other key', { a: 1 }, { additionalProperties: {}, patternProperties: { a: {} } }, [' undeclared']],
  ['a name of every object', { constructor: 1 }, { properties: {} }, [' undeclared']],
  ['that name, declared', { constructor: 1 }, { properties: { constructor: {} } }, ['/constructor number']],
  ['items', [{ a: 1 }], { items: a }, [' array', '/* object', '/*/a number']],
  ['positions', [{ a: 1 }, { a: 1 }], { prefixItems: [a] }, [' array', '/* object', '/*/a number', '/* object', '/* undeclared']],
  [
    'positions before 2020',
    [{ a: 1 }, { a: 1 }],
    { items: [a] },
    [' array', '/* object', '/*/a number', '/* object', '/* undeclared'],
  ],
  [
    'positions and the rest',
    [{}, { a: 1 }],
    { prefixItems: [{}], items: a },
    [' array', '/* object', '/* object', '/*/a number'],
  ],
  ['a text', 'x', { type: 'string' }, [' string']],
  ['nothing', null, {}, [' null']],
  ['what is not there', undefined, {}, [' null']],
  ['an exact number', { a: exact }, a, ['/a number']],
  ['a bigint', { a: 5n }, a, ['/a number']],
  ['a key that no pointer names', { '': 1, '*': 2 }, { properties: { '': {}, '*': {} } }, [' undeclared', ' undeclared']],
])('the fields of a value beside %s', (_name, value, schema, fields) => expect(walk(value, schema)).toEqual(fields));

test('what is no JSON has no shape', () => {
  expect(() => walk({ a: String }, a)).toThrow('Not a JSON value');
  expect(() => walk({ a: Symbol('x') }, a)).toThrow(TypeError);
});

test('keys and depth of a pointer have bounds', () => {
  const writeKey = (length: number) => 'k'.repeat(length);
  expect([writeKey(MAX_POINTER_KEY), writeKey(MAX_POINTER_KEY + 1), '/'.repeat(64), '/'.repeat(65)].map(isAddressable)).toEqual([
    true,
    false,
    true,
    false,
  ]);
  expect(['', '*', '**', ' '].map(isAddressable)).toEqual([false, false, true, true]);
  expect(['a/b', 'a~b', '~1', 'a'].map(escapeKey)).toEqual(['a~1b', 'a~0b', '~01', 'a']);
  const buildNested = (levels: number): object => (levels === 0 ? {} : { n: buildNested(levels - 1) });
  const tree = { properties: { n: { $ref: '#' } } };
  expect(walk(buildNested(MAX_POINTER_DEPTH), tree).at(-1)).toBe(`${'/n'.repeat(16)} object`);
  expect(walk(buildNested(MAX_POINTER_DEPTH + 1), tree).at(-1)).toBe(`${'/n'.repeat(16)} undeclared`);
  const buildLists = (levels: number): unknown[] => (levels === 0 ? [] : [buildLists(levels - 1)]);
  const list = { items: { $ref: '#' } };
  expect(walk(buildLists(16), list).at(-1)).toBe(`${'/*'.repeat(16)} array`);
  expect(walk(buildLists(17), list).at(-1)).toBe(`${'/*'.repeat(16)} array`);
});

test('of one place 64 parts are looked at', () => {
  const buildWide = (before: number) => ({ allOf: [...Array.from({ length: before }, () => ({})), a] });
  expect([walk({ a: 1 }, buildWide(62)), walk({ a: 1 }, buildWide(63))]).toEqual([['/a number'], [' undeclared']]);
});

test.each<[object, boolean]>([
  [{ enum: ['x'] }, true],
  [{ const: null }, true],
  [{ anyOf: [{ type: 'null' }, { enum: [] }] }, true],
  [{ type: 'boolean' }, false],
  [{ items: { enum: [1] } }, false],
])('%j lists its values: %s', (schema, lists) => expect(isEnumerated(getSchemaRoot(schema))).toBe(lists));

test('places are found once for a schema', () => {
  const root = getSchemaRoot(a);
  expect(getSchemaRoot(a)).toBe(root);
  expect(findPropertyPlace(root, 'a')).toBe(findPropertyPlace(root, 'a'));
  expect(findPropertyPlace(root, 'b')).toBeNull();
  expect(getItemPlace(root, 0).parts).toEqual([]);
  expect([{}, [], null, 'x', new Map()].map(isRecord)).toEqual([true, false, false, false, true]);
  expect([exact, {}, null, 7, { rawJSON: '7' }].map(isExactNumber)).toEqual([true, false, false, false, false]);
});

test.each([
  [999_999, true],
  [-999_999, true],
  [1_000_000, false],
  [-1_000_000, false],
  [0.5, true],
  ['abc', true],
  ['abcd', false],
  ['', true],
  ['123456', true],
  ['-123456', true],
  ['1234567', false],
  ['TRUE', true],
  ['undefined', true],
  ['inactive', true],
  ['Enabled', true],
  ['medium', true],
  ['mediums', false],
  ['true ', false],
  [true, true],
  [null, true],
  [{}, true],
  [exact, false],
])('%j can be guessed: %s', (value, can) => expect(isGuessable(value)).toBe(can));

const key = createSecretKey(Buffer.alloc(32, 1));

test('a fingerprint is the one that was stored before: of the path with its length, and of the value', () => {
  // the beginning of HMAC-SHA-256 over `2:/a:"x"`, as Python computes it
  const known = fingerprint(key, '/a', 'x');
  expect(known).toBe('ce92e51f5d9494a7ad3462cbcf0ed353');
  const others = [
    fingerprint(key, '/b', 'x'),
    fingerprint(key, '/a', 'y'),
    fingerprint(key, '/a', ['x']),
    fingerprint(key, '', 'x'),
  ];
  expect(new Set([known, ...others]).size).toBe(5);
  expect(fingerprint(key, '/a', undefined)).toBe(fingerprint(key, '/a', null));
  expect(fingerprint(key, 'a:1', '2')).not.toBe(fingerprint(key, 'a', '1:2'));
});

test.each<[string, object, boolean]>([
  ['a text', { pointer: '/a', type: 'string', size: 0 }, true],
  ['a value that is no object', { pointer: '', type: 'number' }, true],
  ['a fingerprint', { pointer: '/a', type: 'string', fingerprint: 'a'.repeat(32) }, true],
  ['a short fingerprint', { pointer: '/a', type: 'string', fingerprint: 'a'.repeat(31) }, false],
  ['a fingerprint in capitals', { pointer: '/a', type: 'string', fingerprint: 'A'.repeat(32) }, false],
  ['a size below nothing', { pointer: '/a', type: 'string', size: -1 }, false],
  ['a pointer of 16 keys', { pointer: '/a'.repeat(16), type: 'null' }, true],
  ['a pointer of 17 keys', { pointer: '/a'.repeat(17), type: 'null' }, false],
  ['a key of 129 characters', { pointer: `/${'a'.repeat(129)}`, type: 'null' }, false],
  ['a type that is none', { pointer: '/a', type: 'integer' }, false],
])('a shape is written down: %s', (_name, shape, is) => expect(FieldShape.safeParse(shape).success).toBe(is));

test.each<[string, unknown, boolean]>([
  ['a text of 1,000 characters', 'x'.repeat(1_000), true],
  ['one more', 'x'.repeat(1_001), false],
  ['null', null, true],
  ['no number', Number.NaN, false],
  ['an object', {}, false],
])('a value is logged: %s', (_name, value, is) => {
  expect(LoggedField.safeParse({ pointer: '/a', value, redacted: false }).success).toBe(is);
});

test.each([
  ['fields', 256],
  ['logged', 64],
])('a record holds so many %s: %i', (list, most) => {
  const entry = { pointer: '/a', type: 'null', value: null, redacted: false };
  const makeRecord = (count: number) => ({
    fields: [],
    logged: [],
    bytes: 0,
    truncated: false,
    [list]: Array(count).fill(entry),
  });
  expect([most, most + 1].map((count) => RecordedArguments.safeParse(makeRecord(count)).success)).toEqual([true, false]);
});
