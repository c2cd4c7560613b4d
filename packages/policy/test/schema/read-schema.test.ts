import { expect, test } from 'vitest';

import { compileInputCheck } from '../../src/compile/input-check.ts';
import { checkEntry } from '../../src/limits/entry-limits.ts';
import { readSchema } from '../../src/schema/read-schema.ts';

const DRAFT_04 = 'http://json-schema.org/draft-04/schema#';
const DRAFT_2020 = 'https://json-schema.org/draft/2020-12/schema';

/** A property `a`, values that it takes, values that it does not take, and the keyword of which the review is told. */
type Row = [what: string, property: unknown, takes: unknown[], refuses: unknown[], keyword: string | null, more?: object];

const ROWS: Row[] = [
  ['nullable, typed', { type: 'string', nullable: true }, ['x', null], [1], 'nullable'],
  ['nullable, several types', { type: ['string', 'integer'], nullable: true }, ['x', 1, null], [true], 'nullable'],
  ['nullable, untyped', { nullable: true }, ['x', null], [], 'nullable'],
  ['nullable, anyOf', { anyOf: [{ type: 'string' }, { type: 'integer' }], nullable: true }, ['x', 1, null], [true], 'nullable'],
  ['nullable, oneOf', { oneOf: [{ type: 'string' }, { type: 'integer' }], nullable: true }, ['x', 1, null], [true], 'nullable'],
  ['nullable, allOf', { allOf: [{ type: 'string' }], nullable: true }, ['x', null], [1], 'nullable'],
  ['nullable, $ref', { $ref: '#/$defs/S', nullable: true }, ['x', null], [1], 'nullable', { $defs: { S: { type: 'string' } } }],
  ['nullable, enum without null', { type: 'string', nullable: true, enum: ['x'] }, ['x', null], ['y'], 'nullable'],
  ['nullable, const', { nullable: true, const: 'x' }, ['x', null], ['y'], 'nullable'],
  ['nullable: false', { type: 'string', nullable: false }, ['x'], [null], null],
  ['exclusiveMinimum: true', { minimum: 0, exclusiveMinimum: true }, [1], [0, -1], 'exclusiveMinimum'],
  [
    'exclusiveMinimum: true in 2020-12',
    { minimum: 0, exclusiveMinimum: true },
    [1],
    [0],
    'exclusiveMinimum',
    { $schema: DRAFT_2020 },
  ],
  [
    'exclusiveMinimum: true in draft 04',
    { minimum: 0, exclusiveMinimum: true },
    [1],
    [0],
    'exclusiveMinimum',
    { $schema: DRAFT_04 },
  ],
  ['exclusiveMinimum: false', { minimum: 0, exclusiveMinimum: false }, [0], [-1], 'exclusiveMinimum'],
  ['exclusiveMaximum: true', { maximum: 5, exclusiveMaximum: true }, [4], [5, 6], 'exclusiveMaximum'],
  ['exclusiveMaximum, a number', { exclusiveMaximum: 5 }, [4], [5], null],
  ['id of draft 04', { id: 'Name', type: 'string' }, ['x'], [1], null],
  ['$id inside', { $id: 'Name', type: 'string' }, ['x'], [1], null],
  ['definitions', { $ref: '#/definitions/S' }, ['x'], [1], null, { definitions: { S: { type: 'string' } } }],
  [
    'components',
    { $ref: '#/components/schemas/S' },
    ['x', null],
    [1],
    'nullable',
    { components: { schemas: { S: { type: 'str', nullable: true } } } },
  ],
  ['a list for each position in 2020-12', { items: [{ type: 'string' }] }, [['x']], [[1]], null, { $schema: DRAFT_2020 }],
  ['required: true', { type: 'string', required: true }, ['x', undefined], [1], 'required'],
  ['required: false', { type: 'string', required: false }, ['x', undefined], [1], 'required'],
  ['required: null', { type: 'object', required: null }, [{}], [1], 'required'],
  ['required, one name', { required: 'b' }, [{ b: 1 }], [{}], 'required'],
  ['required, not only names', { required: ['b', 1, 'b'] }, [{ b: 1 }], [{}], 'required'],
  ['type: any', { type: 'any' }, ['x', 1, null], [], 'type'],
  ['type: int', { type: 'int' }, [1], ['x', 1.5], 'type'],
  ['type: float', { type: 'float' }, [1.5], ['x'], 'type'],
  ['type: bool', { type: 'bool' }, [true], ['x'], 'type'],
  ['type: STRING', { type: 'STRING' }, ['x'], [1], 'type'],
  ['type: dict', { type: 'dict' }, [{}], [1], 'type'],
  ['type: list', { type: 'list' }, [[]], [1], 'type'],
  ['type: datetime', { type: 'datetime' }, ['x'], [1], 'type'],
  ['type: null', { type: null }, ['x', 1], [], 'type'],
  ['type: []', { type: [] }, ['x', 1], [], 'type'],
  ['type: [str, null]', { type: ['str', null] }, ['x', null], [1], 'type'],
  ['enum: []', { type: 'string', enum: [] }, ['x'], [1], 'enum'],
  ['enum: null', { type: 'string', enum: null }, ['x'], [1], 'enum'],
  ['$ref in examples', { type: 'object', examples: [{ $ref: 'other.yaml#/x' }] }, [{}], [1], null],
  ['$ref in example', { type: 'object', example: { $ref: 'other.yaml#/x', $id: 'y' } }, [{}], [1], null],
  ['$ref in default', { type: 'object', default: { $ref: 'other.yaml#/x', $async: true } }, [{}], [1], null],
  ['$ref in enum', { enum: [{ $ref: 'other.yaml#/x' }] }, [{ $ref: 'other.yaml#/x' }], [{}], null],
  ['$ref in const', { const: { $ref: 'other.yaml#/x' } }, [{ $ref: 'other.yaml#/x' }], [{}], null],
  ['$ref in an extension', { type: 'string', 'x-from': { $ref: 'other.yaml#/x' } }, ['x'], [1], null],
  ['minLength as text', { type: 'string', minLength: '2' }, ['xx'], ['x'], 'minLength'],
  ['maximum: null', { type: 'integer', maximum: null }, [1], ['x'], 'maximum'],
  ['multipleOf: 0', { type: 'integer', multipleOf: 0 }, [1], ['x'], 'multipleOf'],
  ['pattern: null', { type: 'string', pattern: null }, ['x'], [1], 'pattern'],
  ['format: 5', { type: 'string', format: 5 }, ['x'], [1], null],
  ['uniqueItems: "true"', { type: 'array', uniqueItems: 'true' }, [[1, 1]], [1], 'uniqueItems'],
  ['properties: []', { type: 'object', properties: [] }, [{}], [1], 'properties'],
  ['definitions: []', { type: 'string' }, ['x'], [1], 'definitions', { definitions: [] }],
  ['items: null', { type: 'array', items: null }, [[1]], [1], 'items'],
  ['items, a word', { type: 'array', items: 'string' }, [['x']], [1], 'items'],
  ['additionalProperties: null', { type: 'object', additionalProperties: null }, [{ b: 1 }], [1], 'additionalProperties'],
  ['anyOf: []', { anyOf: [], type: 'string' }, ['x'], [1], 'anyOf'],
  ['allOf: null', { allOf: null, type: 'string' }, ['x'], [1], 'allOf'],
  ['dependencies, a name', { dependencies: { b: 'c' } }, [{ b: 1, c: 1 }, {}], [{ b: 1 }], null, { $schema: DRAFT_04 }],
  ['dependentRequired: []', { dependentRequired: [] }, [{}], [], 'dependentRequired'],
  ['dependentRequired, a name', { dependentRequired: { b: 'c' } }, [{ b: 1, c: 1 }], [{ b: 1 }], null],
  ['no schema', ['a'], ['x', 1], [], 'properties'],
];

test.each(ROWS)('%s is accepted, checked as it is meant, and told', (_what, property, takes, refuses, keyword, more = {}) => {
  const inputSchema = { type: 'object', properties: { a: property }, ...more };
  const raw = { name: 'orders.get', inputSchema };
  expect(checkEntry('tool', raw)).toMatchObject({ ok: true, entry: { definition: raw } });
  const check = compileInputCheck(inputSchema);
  for (const a of takes) expect(check(a === undefined ? {} : { a }), JSON.stringify(a)).toBeNull();
  for (const a of refuses) expect(check({ a }), JSON.stringify(a)).toMatch(/^"a/);
  expect([...new Set(readSchema(inputSchema).slips.map((slip) => slip.keyword))]).toEqual(
    expect.arrayContaining(keyword === null ? [] : [keyword]),
  );
  if (keyword === null) expect(readSchema(inputSchema).slips).toEqual([]);
});

test.each<[string, object, string, string]>([
  ['a reference that leads nowhere', { a: { $ref: '#/$defs/none' } }, '/inputSchema/properties/a/$ref', '$ref'],
  ['a reference to another document', { a: { items: { $ref: 'x.json' } } }, '/inputSchema/properties/a/items/$ref', '$ref'],
  [
    'a reference into data',
    { a: { $ref: '#/properties/b/enum/0' }, b: { enum: [{ allOf: [] }] } },
    '/inputSchema/properties/a/$ref',
    '$ref',
  ],
  ['a type that is none', { 'a/b': { type: 'strng' } }, '/inputSchema/properties/a~1b/type', 'type'],
  ['$async inside', { a: { $async: true } }, '/inputSchema/properties/a/$async', '$async'],
  [
    'a key pattern with look-around',
    { a: { patternProperties: { '^(?!x)': {} } } },
    '/inputSchema/properties/a/patternProperties/^(?!x)',
    'patternProperties',
  ],
])('%s is refused with its keyword and place', (_what, properties, pointer, keyword) => {
  const checked = checkEntry('tool', { name: 'orders.get', inputSchema: { type: 'object', properties } });
  expect(checked).toMatchObject({ ok: false, problems: [{ pointer, keyword, reason: expect.any(String) }] });
});

test('every problem of a definition is listed, not only the first', () => {
  const properties = { a: { $ref: 'x.json' }, b: { $ref: 'y.json' }, c: { $async: true } };
  const checked = checkEntry('tool', { name: 'orders.get', inputSchema: { type: 'object', properties } });
  expect(checked.ok ? [] : checked.problems.map(({ pointer }) => pointer)).toEqual([
    '/inputSchema/properties/a/$ref',
    '/inputSchema/properties/b/$ref',
    '/inputSchema/properties/c/$async',
  ]);
});

test('arguments with the names of keywords are arguments', () => {
  const properties = {
    $ref: { type: 'string' },
    default: { type: 'int' },
    examples: { type: 'string' },
    $async: { type: 'boolean' },
  };
  const inputSchema = { type: 'object', properties };
  expect(checkEntry('tool', { name: 'orders.get', inputSchema })).toMatchObject({ ok: true });
  expect(compileInputCheck(inputSchema)({ $ref: 'x', default: 1, examples: 'x', $async: true })).toBeNull();
  expect(compileInputCheck(inputSchema)({ default: 'x' })).toBe('"default" must be an integer; a string came.');
});
