import { expect, test } from 'vitest';

import { compileInputCheck } from '../../src/compile/input-check.ts';
import { KEYWORDS } from '../../src/schema/read-keyword.ts';

/** A keyword, the schema of an argument `a` that has it, values that fit, and values that do not with what is said of them. */
type Row = [keyword: string, property: object, fits: unknown[], fitsNot: [value: unknown, problem: string][]];

const text = { type: 'string' };
const whole = { type: 'integer' };
const LONG = 'x'.repeat(1_000);
const PAIR = '\u{1F600}';
const HALF = '\uD83D';

/** Read from JSON: written out, an object with `then` would be taken for a promise. */
const parseSchema = (json: string): object => JSON.parse(json) as object;

const ROWS: Row[] = [
  ['type', { type: 'string' }, ['', 'x', PAIR, HALF, '\0', LONG], [[1, '"a" must be a string; a number came.']]],
  [
    'type',
    { type: 'integer' },
    [0, -0, 5, -5, 1e21, Number.MAX_SAFE_INTEGER],
    [
      [0.5, '"a" must be an integer; a number came.'],
      ['5', '"a" must be an integer; a string came.'],
      [null, '"a" must be an integer; null came.'],
    ],
  ],
  ['type', { type: 'number' }, [0, 0.1, -1e308], [[true, '"a" must be a number; a boolean came.']]],
  ['type', { type: 'boolean' }, [true, false], [[0, '"a" must be a boolean; a number came.']]],
  ['type', { type: 'null' }, [null], [[{}, '"a" must be null; an object came.']]],
  ['type', { type: 'array' }, [[], [null]], [[{}, '"a" must be an array; an object came.']]],
  ['type', { type: 'object' }, [{}, { length: 1 }], [[[], '"a" must be an object; an array came.']]],
  ['type', { type: ['integer', 'null'] }, [1, null], [['', '"a" must be an integer or null; a string came.']]],
  [
    'enum',
    { enum: ['x', 1, null, { b: [1] }] },
    ['x', 1, null, { b: [1] }],
    [['X', '"a" must be one of ["x",1,null,{"b":[1]}]; a string came.']],
  ],
  ['enum', { enum: [{ b: 1, c: 2 }] }, [{ c: 2, b: 1 }], [[{ b: 1 }, '"a" must be one of [{"b":1,"c":2}]; an object came.']]],
  ['enum', { enum: [[1, 2]] }, [[1, 2]], [[[2, 1], '"a" must be one of [[1,2]]; an array came.']]],
  ['enum', { enum: [0] }, [0, -0], [[false, '"a" must be one of [0]; a boolean came.']]],
  ['enum', { enum: ['1'] }, ['1'], [[1, '"a" must be one of ["1"]; a number came.']]],
  ['const', { const: 'x' }, ['x'], [['x ', '"a" must be "x"; a string came.']]],
  [
    'const',
    { const: { b: { c: [] } } },
    [{ b: { c: [] } }],
    [[{ b: { c: [0] } }, '"a" must be {"b":{"c":[]}}; an object came.']],
  ],
  ['const', { const: null }, [null], [[0, '"a" must be null; a number came.']]],
  ['minLength', { minLength: 2 }, ['xx', PAIR + PAIR, 5], [['x', '"a" must not have fewer than 2 characters; a string came.']]],
  ['minLength', { minLength: 2 }, [`${PAIR}x`], [[PAIR, '"a" must not have fewer than 2 characters; a string came.']]],
  [
    'maxLength',
    { maxLength: 2 },
    ['', 'xx', PAIR + PAIR, 500],
    [['xxx', '"a" must not have more than 2 characters; a string came.']],
  ],
  ['maxLength', { maxLength: 1 }, [PAIR, HALF], [[`${PAIR}${HALF}`, '"a" must not have more than 1 characters; a string came.']]],
  ['maxLength', { maxLength: 0 }, [''], [['x', '"a" must not have more than 0 characters; a string came.']]],
  ['pattern', { pattern: '^[a-z]+$' }, ['abc', 5], [['aBc', '"a" must match pattern "^[a-z]+$"; a string came.']]],
  // a part of the text is enough, and a character beyond the first plane is one
  ['pattern', { pattern: 'b' }, ['abc'], [['ac', '"a" must match pattern "b"; a string came.']]],
  ['pattern', { pattern: '^.$' }, ['x', PAIR], [['xy', '"a" must match pattern "^.$"; a string came.']]],
  ['pattern', { pattern: '^\\p{Lu}' }, ['Äx'], [['äx', '"a" must match pattern "^\\p{Lu}"; a string came.']]],
  ['minimum', { minimum: 3 }, [3, 3.1, '1'], [[2.9, '"a" must be >= 3; a number came.']]],
  ['maximum', { maximum: 3 }, [3, -1e308], [[3.1, '"a" must be <= 3; a number came.']]],
  ['exclusiveMinimum', { exclusiveMinimum: 3 }, [3.0000000000000004], [[3, '"a" must be > 3; a number came.']]],
  ['exclusiveMaximum', { exclusiveMaximum: 3 }, [2.9999999999999996], [[3, '"a" must be < 3; a number came.']]],
  ['multipleOf', { multipleOf: 0.01 }, [19.99, 0, -0.07, '1'], [[19.999, '"a" must be multiple of 0.01; a number came.']]],
  ['multipleOf', { multipleOf: 3 }, [9, -3], [[10, '"a" must be multiple of 3; a number came.']]],
  ['minItems', { minItems: 2 }, [[1, 2], 'x'], [[[1], '"a" must not have fewer than 2 items; an array came.']]],
  ['maxItems', { maxItems: 2 }, [[], [1, 2]], [[[1, 2, 3], '"a" must not have more than 2 items; an array came.']]],
  [
    'uniqueItems',
    { uniqueItems: true },
    [[1, '1', true, null, [1], { b: 1 }]],
    [
      [
        [
          { b: 1, c: 2 },
          { c: 2, b: 1 },
        ],
        '"a" must not have duplicate items; an array came.',
      ],
    ],
  ],
  ['uniqueItems', { uniqueItems: true }, [[0, false, '']], [[[HALF, HALF], '"a" must not have duplicate items; an array came.']]],
  ['uniqueItems', { uniqueItems: false }, [[1, 1]], []],
  ['items', { items: whole }, [[], [1, 2], {}], [[[1, 'x'], '"a.1" must be an integer; a string came.']]],
  ['items', { items: false }, [[]], [[[1], '"a.0" is not taken; a number came.']]],
  ['items', { items: true }, [[1, 'x']], []],
  [
    'prefixItems',
    { prefixItems: [text, whole] },
    [[], ['x'], ['x', 1, null]],
    [[['x', 'y'], '"a.1" must be an integer; a string came.']],
  ],
  ['prefixItems', { prefixItems: [text], items: whole }, [['x', 1]], [[['x', 'y'], '"a.1" must be an integer; a string came.']]],
  [
    'additionalItems',
    { items: [text], additionalItems: whole },
    [['x', 1]],
    [[['x', 'y'], '"a.1" must be an integer; a string came.']],
  ],
  [
    'additionalItems',
    { items: [text], additionalItems: false },
    [['x']],
    [[['x', 1], '"a" must not have more than 1 items; an array came.']],
  ],
  [
    'unevaluatedItems',
    { prefixItems: [text], unevaluatedItems: false },
    [['x']],
    [[['x', 1], '"a" must not have more than 1 items; an array came.']],
  ],
  ['contains', { contains: whole }, [['x', 1]], [[['x'], '"a" must contain at least 1 valid item(s); an array came.']]],
  [
    'minContains',
    { contains: whole, minContains: 2 },
    [[1, 2, 'x']],
    [[[1, 'x'], '"a" must contain at least 2 valid item(s); an array came.']],
  ],
  ['minContains', { contains: whole, minContains: 0 }, [[], ['x']], []],
  [
    'maxContains',
    { contains: whole, maxContains: 1 },
    [[1, 'x']],
    [[[1, 2], '"a" must contain at least 1 and no more than 1 valid item(s); an array came.']],
  ],
  ['minProperties', { minProperties: 1 }, [{ b: 1 }, []], [[{}, '"a" must not have fewer than 1 properties; an object came.']]],
  [
    'maxProperties',
    { maxProperties: 1 },
    [{}, { b: 1 }],
    [[{ b: 1, c: 2 }, '"a" must not have more than 1 properties; an object came.']],
  ],
  [
    'properties',
    { properties: { b: whole } },
    [{}, { b: 1 }, { c: 'x' }, 'x'],
    [[{ b: 'x' }, '"a.b" must be an integer; a string came.']],
  ],
  [
    'properties',
    { properties: { 'b/~c': whole } },
    [{ 'b/~c': 1 }],
    [[{ 'b/~c': 'x' }, '"a.b/~c" must be an integer; a string came.']],
  ],
  [
    'properties',
    { properties: { toString: whole } },
    [{}],
    [[{ toString: 'x' }, '"a.toString" must be an integer; a string came.']],
  ],
  ['required', { required: ['b'] }, [{ b: null }, []], [[{}, '"a.b" is required: nothing came.']]],
  ['required', { required: ['constructor'] }, [{ constructor: 1 }], [[{}, '"a.constructor" is required: nothing came.']]],
  [
    'required',
    { properties: { b: { type: ['string', 'null'] } }, required: ['b'] },
    [{ b: 'x' }],
    [[{}, '"a.b" is required: a string or null is expected, nothing came.']],
  ],
  [
    'patternProperties',
    { patternProperties: { '^b': whole } },
    [{ b1: 1, c: 'x' }],
    [[{ b1: 'x' }, '"a.b1" must be an integer; a string came.']],
  ],
  [
    'additionalProperties',
    { properties: { b: text }, additionalProperties: whole },
    [{ b: 'x', c: 1 }],
    [[{ c: 'x' }, '"a.c" must be an integer; a string came.']],
  ],
  [
    'additionalProperties',
    { properties: { b: text }, additionalProperties: false },
    [{ b: 'x' }],
    [[{ c: 1 }, '"a" has no argument \'c\'; it takes b.']],
  ],
  ['additionalProperties', { additionalProperties: false }, [{}], [[{ c: 1 }, '"a" has no argument \'c\'; it takes none.']]],
  [
    'unevaluatedProperties',
    { anyOf: [{ properties: { b: text } }], unevaluatedProperties: false },
    [{ b: 'x' }],
    [[{ c: 1 }, '"a" has no argument \'c\'; it takes none.']],
  ],
  [
    'propertyNames',
    { propertyNames: { pattern: '^[a-z]$' } },
    [{ b: 1 }],
    [[{ B: 1 }, '"a" does not take a key with the name \'B\'.']],
  ],
  [
    'dependentRequired',
    { dependentRequired: { b: ['c'] } },
    [{}, { c: 1 }, { b: 1, c: 1 }],
    [[{ b: 1 }, '"a.c" is required together with "a.b", and nothing came.']],
  ],
  [
    'dependentSchemas',
    { dependentSchemas: { b: { required: ['c'] } } },
    [{}, { b: 1, c: 1 }],
    [[{ b: 1 }, '"a.c" is required: nothing came.']],
  ],
  [
    'dependencies',
    { dependencies: { b: { required: ['c'] } } },
    [{}, { b: 1, c: 1 }],
    [[{ b: 1 }, '"a.c" is required: nothing came.']],
  ],
  [
    'allOf',
    { allOf: [{ minimum: 1 }, { maximum: 2 }] },
    [1, 2],
    [
      [0, '"a" must be >= 1; a number came.'],
      [3, '"a" must be <= 2; a number came.'],
    ],
  ],
  ['anyOf', { anyOf: [text, whole] }, ['x', 1], [[true, '"a" must be a string or an integer; a boolean came.']]],
  ['anyOf', { anyOf: [{ minimum: 5 }, { maximum: 1 }] }, [5, 1], [[3, '"a" must be >= 5; a number came.']]],
  [
    'oneOf',
    { oneOf: [{ multipleOf: 2 }, { multipleOf: 3 }] },
    [2, 3],
    [[6, '"a" fits several of the forms that exclude each other; a number came.']],
  ],
  ['oneOf', { oneOf: [text, { type: 'null' }] }, ['x', null], [[1, '"a" must be a string or null; a number came.']]],
  ['not', { not: text }, [1, null], [['x', '"a" has a form that this tool excludes; a string came.']]],
  [
    'if',
    parseSchema('{"if":{"type":"string"},"then":{"minLength":2},"else":{"type":"null"}}'),
    ['xx', null],
    [
      ['x', '"a" must not have fewer than 2 characters; a string came.'],
      [1, '"a" must be null; a number came.'],
    ],
  ],
  ['then', parseSchema('{"then":{"minLength":2}}'), ['x'], []],
  ['else', { else: { type: 'null' } }, ['x'], []],
  ['$ref', { $ref: '#/$defs/b' }, ['x'], [[1, '"a" must be a string; a number came.']]],
  ['$ref', { $ref: '#/$defs/c~1d%25' }, [1], [['x', '"a" must be an integer; a string came.']]],
  ['$dynamicRef', { $dynamicRef: '#here', $ref: '#/$defs/yes' }, [true], [[false, '"a" must be true; a boolean came.']]],
  ['$dynamicRef', { $dynamicRef: '#tree' }, [{ next: {} }], [[{ next: 1 }, '"a.next" must be an object; a number came.']]],
  ['$anchor', { $ref: '#here' }, [true], [[1, '"a" must be a boolean; a number came.']]],
  ['$defs', { $defs: { never: false } }, [1], []],
  ['format', { type: 'string', format: 'email' }, ['no address'], []],
  ['default', { default: 1 }, ['x'], []],
  ['examples', { examples: [1] }, ['x'], []],
  ['title', { title: 'x', description: 'y', example: 1, $comment: 'z' }, ['x'], []],
  ['contentSchema', { contentSchema: whole, contentMediaType: 'application/json', contentEncoding: 'base64' }, ['x'], []],
];

const $defs = {
  b: text,
  'c/d%': whole,
  tree: { $dynamicAnchor: 'tree', type: 'object', properties: { next: { $dynamicRef: '#tree' } } },
  yes: { const: true },
  here: { $anchor: 'here', type: 'boolean' },
};

test.each(ROWS)('%s in %j', (_keyword, property, fits, fitsNot) => {
  const check = compileInputCheck({ type: 'object', properties: { a: property }, $defs });
  for (const value of fits) expect([value, check({ a: value })]).toEqual([value, null]);
  for (const [value, problem] of fitsNot) expect(check({ a: value })).toBe(problem);
  expect(check({})).toBeNull();
});

test.each(ROWS)('%s in %j holds in every item of a list, and behind a reference', (_keyword, property, fits, fitsNot) => {
  const $list = { type: 'array', items: { $ref: '#/$defs/item' } };
  const check = compileInputCheck({ type: 'object', properties: { list: $list }, $defs: { ...$defs, item: property } });
  expect(check({ list: fits })).toBeNull();
  for (const [value, problem] of fitsNot)
    expect(check({ list: [...fits, value] })).toBe(problem.replaceAll('"a', `"list.${fits.length}`));
});

test('there is a row for every keyword that decides on a value', () => {
  const decidesOnNothing = ['$id', 'id', '$schema', '$vocabulary', '$async', 'nullable', '$comment', 'description', 'example'];
  const ofOtherDrafts = ['definitions', '$recursiveRef', '$recursiveAnchor', '$dynamicAnchor'];
  const shown = new Set(ROWS.map(([keyword]) => keyword));
  const missing = Object.keys(KEYWORDS).filter((keyword) => !shown.has(keyword));
  expect(missing.toSorted()).toEqual([...decidesOnNothing, ...ofOtherDrafts].toSorted());
});

test.each([
  ['draft 07', 'http://json-schema.org/draft-07/schema#', { $ref: '#/definitions/b' }],
  ['draft 06', 'http://json-schema.org/draft-06/schema#', { $ref: '#/definitions/b' }],
  ['draft 04', 'http://json-schema.org/draft-04/schema#', { $ref: '#/definitions/b' }],
  ['2019-09', 'https://json-schema.org/draft/2019-09/schema', { $recursiveRef: '#', $ref: '#/definitions/b' }],
  ['2020-12', 'https://json-schema.org/draft/2020-12/schema', { $ref: '#/definitions/b' }],
  ['a dialect of somebody', 'https://schemas.example/mine', { $ref: '#/definitions/b' }],
  ['a dialect that is no text', 7, { $ref: '#/definitions/b' }],
])('references into definitions are followed in %s', (_name, $schema, property) => {
  const check = compileInputCheck({
    $schema,
    type: 'object',
    properties: { a: property },
    definitions: { b: { type: 'object', properties: { c: whole } } },
  });
  expect(check({ a: { c: 1 } })).toBeNull();
  expect(check({ a: { c: 'x' } })).toBe('"a.c" must be an integer; a string came.');
});

test.each([
  ['a recursive reference', { $recursiveRef: '#' }],
  ['one beside a plain one', { $ref: '#/definitions/whole', $recursiveRef: '#' }],
  ['one beside two plain ones', { allOf: [{ $ref: '#' }], $ref: '#/definitions/whole', $recursiveRef: '#' }],
])('each of the references of a sub-schema is followed: %s', (_name, next) => {
  const $schema = 'https://json-schema.org/draft/2019-09/schema';
  const definitions = { whole: { type: 'object', properties: { n: whole } } };
  const check = compileInputCheck({
    $schema,
    $recursiveAnchor: true,
    type: 'object',
    properties: { next, n: whole },
    definitions,
  });
  expect(check({ next: { next: { n: 1 } } })).toBeNull();
  expect(check({ next: { next: { n: 'x' } } })).toBe('"next.next.n" must be an integer; a string came.');
});

test('what a value holds beside its own keys decides on nothing', () => {
  const check = compileInputCheck({
    type: 'object',
    properties: { a: { type: 'object', properties: { b: whole }, required: ['b'] } },
  });
  const a: object = Object.create({ b: 1 });
  expect(check({ a })).toBe('"a.b" is required: an integer is expected, nothing came.');
  expect(check(JSON.parse('{"a":{"__proto__":{"b":1}}}'))).toBe('"a.b" is required: an integer is expected, nothing came.');
});
