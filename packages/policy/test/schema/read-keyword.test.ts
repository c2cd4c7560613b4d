import { expect, test } from 'vitest';

import { KEYWORDS, readKeyword } from '../../src/schema/read-keyword.ts';

const NOT_CHECKED = 'so it is not checked';
const TAKES_ALL = 'so every value is taken';
const NOTHING_IN_IT = 'it is no object, so there is nothing in it';

/** `held`: what is checked, `GONE` when nothing is; `note`: what the review is told. */
const GONE = Symbol('nothing');
type Row = [keyword: string, value: unknown, held: unknown, note: string | null, beside?: object];

const NUMBERS = [
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'minContains',
  'maxContains',
];
const ofNumbers = [...NUMBERS, 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'].flatMap(
  (keyword): Row[] => [
    [keyword, 3, 3, null],
    [keyword, '3', 3, 'a number that is written as text'],
    [keyword, '3.25', 3.25, 'a number that is written as text'],
    [keyword, '123456789012345', 123456789012345, 'a number that is written as text'],
    [keyword, '1234567890123456', GONE, `it is no number, ${NOT_CHECKED}`],
    [keyword, '3 ', GONE, `it is no number, ${NOT_CHECKED}`],
    [keyword, '', GONE, `it is no number, ${NOT_CHECKED}`],
    [keyword, '0x10', GONE, `it is no number, ${NOT_CHECKED}`],
    [keyword, null, GONE, `it is no number, ${NOT_CHECKED}`],
    [keyword, [3], GONE, `it is no number, ${NOT_CHECKED}`],
  ],
);

const ofTexts = ['pattern', '$ref', '$dynamicRef', '$recursiveRef', '$anchor', '$dynamicAnchor'].flatMap((keyword): Row[] => [
  [keyword, '#', '#', null],
  [keyword, '', '', null],
  [keyword, 5, GONE, `it is no text, ${NOT_CHECKED}`],
  [keyword, null, GONE, `it is no text, ${NOT_CHECKED}`],
]);

const ofMaps = [
  'properties',
  'patternProperties',
  'dependentSchemas',
  '$defs',
  'definitions',
  'dependencies',
  'dependentRequired',
];
const ofLists = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
const unread = [
  '$id',
  'id',
  '$schema',
  '$comment',
  '$vocabulary',
  '$async',
  'nullable',
  'examples',
  'example',
  'title',
  'description',
];

const ROWS: Row[] = [
  ...ofNumbers,
  ...ofTexts,
  ...ofMaps.flatMap((keyword): Row[] => [
    [keyword, {}, {}, null],
    [keyword, [], GONE, NOTHING_IN_IT],
    [keyword, 'b', GONE, NOTHING_IN_IT],
    [keyword, null, GONE, NOTHING_IN_IT],
  ]),
  ...ofLists.flatMap((keyword): Row[] => [
    [keyword, [{}], [{}], null],
    [keyword, [], GONE, `it is no list of schemas, ${NOT_CHECKED}`],
    [keyword, {}, GONE, `it is no list of schemas, ${NOT_CHECKED}`],
    [keyword, null, GONE, `it is no list of schemas, ${NOT_CHECKED}`],
  ]),
  ...[...unread, 'format', 'contentSchema'].map((keyword): Row => [keyword, 'x', GONE, null]),
  ...['uniqueItems', '$recursiveAnchor'].flatMap((keyword): Row[] => [
    [keyword, true, true, null],
    [keyword, false, false, null],
    [keyword, 'true', GONE, `it is neither true nor false, ${NOT_CHECKED}`],
    [keyword, 1, GONE, `it is neither true nor false, ${NOT_CHECKED}`],
  ]),
  ['multipleOf', 0, GONE, `it is not more than 0, ${NOT_CHECKED}`],
  ['multipleOf', -2, GONE, `it is not more than 0, ${NOT_CHECKED}`],
  ['multipleOf', '-2', GONE, `it is not more than 0, ${NOT_CHECKED}`],
  ['multipleOf', Number.MIN_VALUE, Number.MIN_VALUE, null],
  ['minimum', -0.5, -0.5, null],
  ['minimum', 3, GONE, null, { exclusiveMinimum: true }],
  ['minimum', 3, 3, null, { exclusiveMinimum: false }],
  ['minimum', 3, 3, null, { exclusiveMinimum: 1 }],
  ['maximum', 3, GONE, null, { exclusiveMaximum: true }],
  ['maximum', 3, 3, null, { exclusiveMinimum: true }],
  ['exclusiveMinimum', true, 3, 'in the form of draft 04: minimum itself is excluded', { minimum: 3 }],
  ['exclusiveMinimum', true, 3, 'in the form of draft 04: minimum itself is excluded', { minimum: '3' }],
  ['exclusiveMinimum', true, GONE, 'in the form of draft 04, without a limit', {}],
  ['exclusiveMinimum', true, GONE, 'in the form of draft 04, without a limit', { minimum: null }],
  ['exclusiveMinimum', false, GONE, 'in the form of draft 04, without a limit', { minimum: 3 }],
  ['exclusiveMaximum', true, 0, 'in the form of draft 04: maximum itself is excluded', { maximum: 0 }],
  ['exclusiveMaximum', true, GONE, 'in the form of draft 04, without a limit', { minimum: 3 }],
  ['type', 'string', 'string', null],
  ['type', ['string', 'null'], ['string', 'null'], null],
  ['type', ['string'], 'string', null],
  ['type', 'Int', 'integer', 'it is read as: integer'],
  ['type', ['str', null], ['string', 'null'], 'it is read as: string or null'],
  ['type', ['int', 'long'], 'integer', 'it is read as: integer'],
  ['type', ['string', 'any'], GONE, 'it is read as: every value'],
  ['type', '', GONE, 'it is read as: every value'],
  ['type', null, GONE, `it names no type, ${TAKES_ALL}`],
  ['type', [], GONE, `it names no type, ${TAKES_ALL}`],
  ['enum', [1], [1], null],
  ['enum', [], GONE, `it lists nothing, ${NOT_CHECKED}`],
  ['enum', { 0: 1 }, GONE, `it is no list, ${NOT_CHECKED}`],
  ['const', null, null, null],
  ['const', { $ref: 'x' }, { $ref: 'x' }, null],
  ['default', [1], [1], null],
  ['required', ['b', 'b', 'c'], ['b', 'c'], null],
  ['required', ['b', 1, null], ['b'], 'names that are no texts are passed over'],
  ['required', [], [], null],
  ['required', 'b', ['b'], 'one name in place of a list'],
  ['required', true, GONE, 'in the form of draft 03, a boolean beside the argument itself: left to the server'],
  ['required', {}, GONE, `it is no list of names, ${NOT_CHECKED}`],
  ['dependentRequired', { b: ['c', 'c', 1], d: 'e', f: [], g: null }, { b: ['c'], d: ['e'] }, null],
  ['dependencies', { b: 'c', d: ['e'], f: {} }, { b: ['c'], d: ['e'], f: {} }, null],
];

test.each(ROWS)('%s of %j', (keyword, value, held, note, beside = {}) => {
  const read = readKeyword({ ...beside, [keyword]: value }, keyword, value);
  expect(read.holds === 'nothing' ? GONE : read.value).toEqual(held);
  expect(read.note ?? null).toBe(note);
  expect(read.broken).toBeUndefined();
});

test.each([
  [{}, 'schema'],
  [true, 'schema'],
  [false, 'schema'],
  [null, 'schema'],
  ['x', 'schema'],
])('what stands where a schema has to be is read as one: %j', (value, holds) => {
  const ofSchemas =
    'additionalItems unevaluatedItems contains additionalProperties unevaluatedProperties propertyNames not if then else items';
  for (const keyword of ofSchemas.split(' ')) expect(readKeyword({}, keyword, value)).toEqual({ holds, value });
});

test('a list in `items` is a list of schemas, as before 2020-12', () => {
  expect(readKeyword({}, 'items', [{}])).toEqual({ holds: 'list', value: [{}] });
});

test.each(['strng', 5, { type: 'string' }, ['string', 'strng'], [['string']]])(
  'a type that is none is told to the compiler: %j',
  (value) => {
    expect(readKeyword({}, 'type', value)).toEqual({
      holds: 'value',
      value,
      broken: 'it names a type that JSON Schema does not have',
    });
  },
);

test.each(['x-note', 'toString', '__proto__', 'constructor', 'hasOwnProperty', '', 'Type', 'TYPE', '$REF'])(
  '%j is no keyword',
  (keyword) => {
    expect(readKeyword({}, keyword, 1)).toEqual({ holds: 'unknown', value: 1 });
    expect(Object.hasOwn(KEYWORDS, keyword)).toBe(false);
  },
);
