import { describe, expect, test } from 'vitest';

import { countWork } from '@gatehouse/redaction/testing/count-work';

import { compileCallCheck } from '../../src/compile/call-check.ts';
import { compileInputCheck } from '../../src/compile/input-check.ts';
import { listArgumentRuleProblems } from '../../src/curation/argument-rule-problems.ts';
import { curateInputSchema } from '../../src/curation/curate-schema.ts';
import type { JsonObject } from '../../src/documents/json.ts';
import type { ArgumentRule } from '../../src/documents/profile.ts';
import { checkEntry } from '../../src/limits/entry-limits.ts';
import { readReferences, withPlainReferences } from '../../src/schema/plain-references.ts';
import { readSchema } from '../../src/schema/read-schema.ts';
import { listSchemaNotes } from '../../src/schema/schema-notes.ts';

const text = { type: 'string' };
const whole = { type: 'integer' };
const DRAFT_04 = 'http://json-schema.org/draft-04/schema#';
const DRAFT_07 = 'http://json-schema.org/draft-07/schema#';
const DRAFT_2019 = 'https://json-schema.org/draft/2019-09/schema';

/** A tree whose nodes may be extended, as the specification of 2020-12 has it. */
const TREE = {
  tree: {
    $id: 'tree',
    $dynamicAnchor: 'node',
    type: 'object',
    properties: { data: true, children: { type: 'array', items: { $dynamicRef: '#node' } } },
  },
  strict: { $id: 'strict-tree', $dynamicAnchor: 'node', $ref: 'tree', unevaluatedProperties: false },
};
/** The same in 2019-09. */
const TREE_2019 = {
  tree: {
    $id: 'tree',
    $recursiveAnchor: true,
    type: 'object',
    properties: { data: true, children: { type: 'array', items: { $recursiveRef: '#' } } },
  },
  strict: { $id: 'strict-tree', $recursiveAnchor: true, $ref: 'tree', unevaluatedProperties: false },
};

/** What is said of `a`, values that it takes and values that it does not, what else stands in the schema, and whether the review is told of something. */
const ROWS: [what: string, a: unknown, takes: unknown[], refuses: unknown[], more: JsonObject, isTold?: boolean][] = [
  [
    'an embedded $id',
    { $ref: 'https://a.example/item' },
    ['x'],
    [1],
    { $defs: { i: { $id: 'https://a.example/item', ...text } } },
  ],
  ['a relative $id', { $ref: 'item.json' }, ['x'], [1], { $defs: { i: { $id: 'item.json', ...text } } }],
  [
    'a $id relative to that of the whole',
    { $ref: 'https://a.example/s/item.json' },
    ['x'],
    [1],
    { $id: 'https://a.example/s/tool.json', $defs: { i: { $id: 'item.json', ...text } } },
  ],
  [
    'the $id of the whole',
    { $ref: 'https://a.example/tool#/$defs/i' },
    ['x'],
    [1],
    { $id: 'https://a.example/tool', $defs: { i: text } },
  ],
  ['a URN', { $ref: 'urn:example:item' }, ['x'], [1], { $defs: { i: { $id: 'urn:example:item', ...text } } }],
  [
    'a pointer inside of an embedded one',
    { $ref: 'item#/$defs/n' },
    [1],
    ['x'],
    { $defs: { i: { $id: 'item', $defs: { n: whole } } } },
  ],
  [
    'a pointer that is relative to the embedded one that it stands in',
    { $ref: 'item' },
    [{ n: 1 }],
    [{ n: 'x' }],
    { $defs: { n: text, i: { $id: 'item', properties: { n: { $ref: '#/$defs/n' } }, $defs: { n: whole } } } },
  ],
  [
    'an embedded one that refers to itself',
    { $id: 'https://a.example/b', type: ['array', 'integer'], items: { $ref: '#' } },
    [1, [[1]]],
    [[{}], 'x'],
    {},
  ],
  [
    'a pointer from outside into an embedded one',
    { $ref: '#/$defs/i/properties/n' },
    [1],
    ['x'],
    {
      $defs: { i: { $id: 'item', properties: { n: { $ref: '#/$defs/n' } }, $defs: { n: whole } } },
    },
  ],
  [
    'an anchor of an embedded one',
    { $ref: 'item#here' },
    [1],
    ['x'],
    { $defs: { i: { $id: 'item', $defs: { n: { $anchor: 'here', ...whole } } } } },
  ],
  [
    'one anchor in two',
    { allOf: [{ $ref: '#here' }, { $ref: 'item' }] },
    [{ n: 1 }],
    [{ n: 'x' }, []],
    {
      $defs: {
        o: { $anchor: 'here', type: 'object' },
        i: { $id: 'item', properties: { n: { $ref: '#here' } }, $defs: { n: { $anchor: 'here', ...whole } } },
      },
    },
  ],
  ['a whole that has no identifier, by nothing', { anyOf: [text, { $ref: '' }] }, ['x', { a: 'x' }], [1, { a: 1 }], {}],
  ['an identifier with an empty fragment', { $ref: 'item' }, ['x'], [1], { $defs: { i: { $id: 'item#', ...text } } }],
  [
    'an anchor as before 2019-09',
    { $ref: '#here' },
    ['x'],
    [1],
    { $schema: DRAFT_07, definitions: { i: { $id: '#here', ...text } } },
  ],
  [
    'an identifier with an anchor in it',
    { $ref: 'item#here' },
    ['x'],
    [1],
    { $schema: DRAFT_07, definitions: { i: { $id: 'item#here', ...text } } },
  ],
  [
    'the id of draft 04',
    { $ref: 'item#/definitions/n' },
    [1],
    ['x'],
    {
      $schema: DRAFT_04,
      id: 'http://a.example/tool',
      definitions: { i: { id: 'item', definitions: { n: whole } } },
    },
  ],
  ['an anchor of draft 04', { $ref: '#here' }, ['x'], [1], { $schema: DRAFT_04, definitions: { i: { id: '#here', ...text } } }],
  [
    'the id of draft 04 without a word of it',
    { $ref: 'item' },
    ['x'],
    [1],
    { definitions: { i: { id: 'item', ...text } } },
    true,
  ],
  [
    'an anchor of draft 04 without a word of it',
    { $ref: '#here' },
    ['x'],
    [1],
    { definitions: { i: { id: '#here', ...text } } },
    true,
  ],
  [
    'an identifier that counts for nothing beside a reference',
    { $ref: '#/definitions/i' },
    ['x'],
    [1],
    {
      $schema: DRAFT_07,
      definitions: { i: { $id: 'other', $ref: '#/definitions/n' }, n: text },
    },
  ],
  [
    'a pointer that leads to the schema around',
    { $ref: 'item' },
    [{ n: 1 }],
    [{ n: 'x' }],
    {
      $defs: { n: whole, i: { $id: 'item', properties: { n: { $ref: '#/$defs/n' } } } },
    },
    true,
  ],
  [
    'what is data has no identifier',
    { $ref: 'item' },
    ['x'],
    [1],
    {
      properties: { b: { enum: [{ $id: 'item', type: 'null' }], default: { $anchor: 'x' } } },
      $defs: { i: { $id: 'item', ...text } },
    },
  ],
  [
    'an argument called $id is none',
    { $ref: 'item' },
    ['x'],
    [1],
    {
      properties: { $id: text, $anchor: text, id: text },
      $defs: { i: { $id: 'item', ...text } },
    },
  ],
  [
    'what is no keyword gives way to what is one',
    { $ref: 'item' },
    ['x'],
    [1],
    {
      'x-more': { i: { $id: 'item', type: 'null' } },
      $defs: { i: { $id: 'item', ...text } },
    },
  ],
  [
    'true and false',
    { $ref: 'item#/$defs/yes', not: { $ref: 'item#/$defs/no' } },
    ['x', 1],
    [],
    { $defs: { i: { $id: 'item', $defs: { yes: true, no: false } } } },
  ],
  [
    'an escaped slash and a percent sign',
    { $ref: 'item#/$defs/c~1d%25' },
    [1],
    ['x'],
    { $defs: { i: { $id: 'item', $defs: { 'c/d%': whole } } } },
  ],
  ['a quoted one', { $ref: 'item#/$defs/a%22b' }, [1], ['x'], { $defs: { i: { $id: 'item', $defs: { 'a"b': whole } } } }],
  [
    'a number sign in a key',
    { $ref: 'item#/$defs/a%23b' },
    [1],
    ['x'],
    { $defs: { i: { $id: 'item', $defs: { 'a#b': whole } } } },
  ],
  [
    'what stands beside a reference',
    { $ref: 'item', maxLength: 2 },
    ['x'],
    [1, 'xxx'],
    { $defs: { i: { $id: 'item', ...text } } },
  ],
  [
    'the same in draft 07',
    { $ref: '#/definitions/i', maxLength: 2 },
    ['x'],
    [1, 'xxx'],
    { $schema: DRAFT_07, definitions: { i: text } },
  ],
  [
    'a whole that is behind a reference',
    true,
    [{}, 1],
    [],
    { $schema: DRAFT_07, $ref: '#/definitions/i', definitions: { i: { properties: { a: true } } } },
  ],
  [
    'a pointer through what may be null',
    { $ref: '#/$defs/o/properties/n' },
    [1],
    ['x'],
    {
      $defs: { o: { nullable: true, allOf: [{}], properties: { n: whole } } },
    },
    true,
  ],
  ['a dynamic anchor', { $dynamicRef: '#here' }, ['x'], [1], { $defs: { i: { $dynamicAnchor: 'here', ...text } } }],
  [
    'a dynamic reference to an anchor that is none',
    { $dynamicRef: '#here' },
    ['x'],
    [1],
    { $defs: { i: { $anchor: 'here', ...text } } },
  ],
  ['a dynamic reference by a pointer', { $dynamicRef: '#/$defs/i' }, ['x'], [1], { $defs: { i: text } }],
  [
    'a dynamic anchor of the whole comes first',
    { $ref: 'list' },
    [['x']],
    [[1]],
    {
      $defs: {
        i: { $dynamicAnchor: 'item', ...text },
        l: { $id: 'list', items: { $dynamicRef: '#item' }, $defs: { d: { $dynamicAnchor: 'item' } } },
      },
    },
  ],
  [
    'a plain reference to a dynamic anchor',
    { $ref: 'list' },
    [[1, 'x']],
    [1],
    {
      $defs: {
        i: { $dynamicAnchor: 'item', ...text },
        l: { $id: 'list', type: 'array', items: { $ref: '#item' }, $defs: { d: { $dynamicAnchor: 'item' } } },
      },
    },
  ],
  [
    'a dynamic reference that begins at a plain anchor',
    { $ref: 'list' },
    [[1, 'x']],
    [1],
    {
      $defs: {
        i: { $dynamicAnchor: 'item', ...text },
        l: { $id: 'list', type: 'array', items: { $dynamicRef: '#item' }, $defs: { d: { $anchor: 'item' } } },
      },
    },
  ],
  ['a tree', { $ref: 'tree' }, [{ children: [{ data: 1, more: 1 }] }], [{ children: [1] }], { $defs: TREE }],
  [
    'a tree that is closed where it is extended',
    { $ref: 'strict-tree' },
    [{ children: [{ data: 1 }] }],
    [{ children: [{ daat: 1 }] }, { children: [{ children: [{ daat: 1 }] }] }],
    { $defs: TREE },
  ],
  [
    'a tree of 2019-09',
    { $ref: 'tree' },
    [{ children: [{ data: 1, more: 1 }] }],
    [{ children: [1] }],
    { $schema: DRAFT_2019, $defs: TREE_2019 },
  ],
  [
    'one of 2019-09 that is extended',
    { $ref: 'strict-tree' },
    [{ children: [{ data: 1 }] }],
    [{ children: [{ daat: 1 }] }],
    { $schema: DRAFT_2019, $defs: TREE_2019 },
  ],
  [
    'one of 2019-09 in which nothing is recursive',
    { $ref: 'strict-tree' },
    [{ children: [{ daat: 1 }] }],
    [{ daat: 1 }],
    { $schema: DRAFT_2019, $defs: { ...TREE_2019, tree: { ...TREE_2019.tree, $recursiveAnchor: false } } },
  ],
];

const build = (a: unknown, { properties = {}, ...more }: JsonObject) => ({
  type: 'object' as const,
  properties: { a, ...(properties as object) },
  ...more,
});

test.each(ROWS)(
  '%s: the tool is offered as it was written, its arguments are held to what it says',
  (_what, a, takes, refuses, more, isTold) => {
    const inputSchema = build(a, more);
    const raw = { name: 'orders.get', inputSchema };
    const before = JSON.stringify(raw);
    expect(checkEntry('tool', raw)).toMatchObject({ ok: true, entry: { definition: raw } });
    const checks = [compileInputCheck(inputSchema), (args: JsonObject) => findProblem(compileCallCheck(inputSchema, [])(args))];
    for (const check of checks) {
      for (const value of takes) expect([value, check({ a: value })]).toEqual([value, null]);
      for (const value of refuses) expect([value, check({ a: value })]).toEqual([value, expect.stringMatching(/"a|no argument/)]);
    }
    expect(listSchemaNotes(raw).length > 0).toBe(isTold === true);
    expect(JSON.stringify(raw)).toBe(before);
  },
);

function findProblem(checked: ReturnType<ReturnType<typeof compileCallCheck>>): string | null {
  return checked.ok ? null : checked.problem;
}

test('two ways to one tree are two trees: one closed at every level, one open', () => {
  const check = compileInputCheck(build({ $ref: 'strict-tree' }, { properties: { b: { $ref: 'tree' } }, $defs: TREE }));
  const typo = { children: [{ children: [{ daat: 1 }] }] };
  expect([check({ a: typo }), check({ b: typo })]).toEqual([expect.stringContaining('daat'), null]);
});

describe('a form that is asked for', () => {
  const inputSchema = build(
    { $ref: 'item' },
    {
      required: ['a'],
      $defs: {
        i: {
          $id: 'item',
          type: 'object',
          properties: { n: { $dynamicRef: '#n' } },
          required: ['n'],
          $defs: { n: { $dynamicAnchor: 'n', ...whole, default: 7 } },
        },
      },
    },
  );
  const check = compileCallCheck(inputSchema, [], { settings: { argumentForms: 'complete', undeclaredArguments: 'refuse' } });
  test.each([
    [{ a: { n: '5' } }, { a: { n: 5 } }],
    [{ a: '{"n":5}' }, { a: { n: 5 } }],
    [{ a: { n: null } }, { a: { n: 7 } }],
    [{ a: {} }, { a: { n: 7 } }],
  ])('is reached through references: %j', (args, sent) => expect(check(args)).toMatchObject({ ok: true, arguments: sent }));
});

describe('what a profile changes', () => {
  const inputSchema = build(
    { $ref: 'item' },
    {
      properties: { list: { items: { $ref: 'item' } } },
      $defs: {
        n: text,
        i: {
          $id: 'item',
          properties: { secret: text, n: { $ref: '#/$defs/n' }, next: { $ref: '#' } },
          required: ['secret'],
          additionalProperties: false,
          $defs: { n: whole },
        },
      },
    },
  );
  const pin: ArgumentRule = { kind: 'pin', argument: '/a/secret', value: 'x' };

  test('is changed behind an identifier, and what it refers to stays what it was', () => {
    expect(listArgumentRuleProblems(inputSchema, [pin])).toEqual([]);
    const check = compileCallCheck(inputSchema, [pin]);
    expect(check({ a: { n: 1 } })).toMatchObject({ ok: true, arguments: { a: { n: 1, secret: 'x' } } });
    expect(check({ a: { n: 'x' } })).toEqual({ ok: false, problem: '"a.n" must be an integer; a string came.' });
    expect(check({ a: { secret: 'y' } })).toMatchObject({ ok: false });
    expect(check({ a: { next: {} } })).toMatchObject({ ok: false, problem: expect.stringContaining('"a.next.secret"') });
    const advertised = curateInputSchema(inputSchema, [pin]);
    expect(compileInputCheck(advertised)({ a: { n: 1, next: { secret: 'y', n: 2 } } })).toBeNull();
    expect(compileInputCheck(advertised)({ a: { n: 1, secret: 'y' } })).toContain("'secret'");
  });

  test('is all that is changed: without a rule the schema is the same object', () => {
    expect(curateInputSchema(inputSchema, [])).toBe(inputSchema);
  });
});

test.each<[string, JsonObject]>([
  ['no reference', { properties: { a: text } }],
  ['pointers', { properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: text } }],
  ['the whole', { items: { $ref: '#' } }],
  ['an embedded identifier that nothing refers to', { items: { $id: 'item', ...text } }],
])('a schema with %s is given back itself', (_what, schema) => expect(withPlainReferences(schema)).toBe(schema));

test('a schema is read once, and what was made of it is plain', () => {
  const schema = build({ $ref: 'item' }, { $defs: { i: { $id: 'item', ...text } } });
  const { schema: made } = readReferences(schema);
  expect(readReferences(schema).schema).toBe(made);
  expect(withPlainReferences(made)).toBe(made);
  const typed = withPlainReferences(schema);
  expect(withPlainReferences(typed)).toBe(typed);
  expect(typed).toEqual({ type: 'object', properties: { a: { $ref: '#/$defs/i' } }, $defs: { i: text } });
});

test.each<[string, JsonObject, string, RegExp]>([
  [
    'another document',
    { properties: { a: { $ref: 'other.json' } }, $defs: { i: { $id: 'item.json' } } },
    '/inputSchema/properties/a/$ref',
    /another document/,
  ],
  [
    'another document, dynamically',
    { properties: { a: { $dynamicRef: 'other.json#x' } } },
    '/inputSchema/properties/a/$dynamicRef',
    /another document/,
  ],
  [
    'an anchor that is not there',
    { properties: { a: { $dynamicRef: '#x' } } },
    '/inputSchema/properties/a/$dynamicRef',
    /not there/,
  ],
  [
    'a place that is not there in an embedded one',
    { properties: { a: { $ref: 'item#/x' } }, $defs: { i: { $id: 'item' } } },
    '/inputSchema/properties/a/$ref',
    /another document/,
  ],
  [
    'data',
    { properties: { a: { $ref: 'item#/const' } }, $defs: { i: { $id: 'item', const: { type: 'null' } } } },
    '/inputSchema/properties/a/$ref',
    /no schema stands/,
  ],
])('T-54: a reference to %s is refused where it stands', (_what, more, pointer, reason) => {
  const checked = checkEntry('tool', { name: 'orders.get', inputSchema: { type: 'object', ...more } });
  expect(checked).toMatchObject({ ok: false, problems: [{ pointer, reason: expect.stringMatching(reason) }] });
});

/** Resources that each have the anchor, and refer to the next two: each way through them is another scope. */
function buildScopes(count: number): JsonObject {
  const $defs = Object.fromEntries(
    Array.from({ length: count }, (_, at) => [
      `r${at}`,
      { $id: `r${at}`, $dynamicAnchor: 'n', properties: { x: { $ref: `r${(at + 1) % count}` }, y: { $dynamicRef: '#n' } } },
    ]),
  );
  return { type: 'object', properties: { a: { $ref: 'r0' }, b: { $ref: 'r1' } }, $defs };
}

test('T-57: what dynamic references multiply is bounded', () => {
  expect(readReferences(buildScopes(3)).refused).toEqual([]);
  const names = Array.from({ length: 33 }, (_, at) => ({ $dynamicAnchor: `n${at}` }));
  const many = {
    type: 'object',
    properties: { a: { $ref: 'r#n1' } },
    $defs: { r: { $id: 'r', $defs: { allOf: names } }, s: { $id: 's', allOf: names } },
  };
  const all = Array.from({ length: 80 }, (_, at) => [`p${at}`, { $ref: `r${at}` }] as const);
  for (const schema of [
    { ...buildScopes(80), properties: Object.fromEntries(all) },
    { ...many, $defs: { ...many.$defs, r: { $id: 'r', allOf: names } } },
  ]) {
    expect(readReferences(schema).refused).toEqual([
      { pointer: '', keyword: '$dynamicRef', reason: 'a schema has dynamic references that lead to too many different places' },
    ]);
    expect(checkEntry('tool', { name: 'orders.get', inputSchema: schema })).toMatchObject({ ok: false });
  }
});

const list = (length: number, write: (at: number) => object) =>
  Object.fromEntries(Array.from({ length }, (_, at) => [`d${at}`, write(at)]));
/** Schemas of a size. */
const GROWING: Record<string, (size: number) => JsonObject> = {
  identifiers: (size) => ({ $defs: list(size, (at) => ({ $id: `i${at}`, $ref: `i${(at + 1) % size}` })) }),
  anchors: (size) => ({ $defs: list(size, (at) => ({ $anchor: `i${at}`, not: { $ref: `#i${(at + 1) % size}` } })) }),
  pointers: (size) => ({ $defs: list(size, (at) => ({ not: { $ref: `#/$defs/d${(at + 1) % size}` } })) }),
  'what is no keyword': (size) => ({
    ...list(size, (at) => ({ x: { $ref: `#/d${(at + 1) % size}` } })),
    not: { $ref: '#/d0/x' },
  }),
  'references that lead nowhere': (size) => ({ $defs: list(size, () => ({ $ref: '#/a/b/c' })) }),
  'one long reference': (size) => ({ $ref: `#${'/a'.repeat(size * 10)}` }),
  'dynamic references': (size) => ({
    $defs: list(size, (at) => ({ $id: `i${at}`, $dynamicAnchor: 'n', not: { $dynamicRef: '#n' } })),
  }),
  'deep nesting': (size) => ({
    $defs: list(size / 25, () => Array.from({ length: 25 }).reduce<object>((inner) => ({ not: inner }), { $ref: '#x' })),
    $anchor: 'x',
  }),
};

test.each(Object.entries(GROWING))('T-57: four times the schema is four times the work: %s', (_name, write) => {
  const [little = 0, much = 0] = [100, 400].map(
    (size) => countWork(() => readSchema(write(size))) / JSON.stringify(write(size)).length,
  );
  expect(much).toBeLessThan(little * 1.4 + 5);
});

/** Objects in objects, each with what leads to the next one. */
const buildNested = (levels: number, inner: object): object =>
  Array.from({ length: levels }).reduce<object>((below) => ({ type: 'object', properties: { a: below } }), inner);
const buildValue = (levels: number, inner: unknown): JsonObject =>
  Array.from({ length: levels }).reduce<JsonObject>((below) => ({ a: below }), { a: inner });

test('27 objects in each other are offered, checked to the last one, and brought into form', () => {
  const inputSchema = { type: 'object' as const, properties: { a: buildNested(26, whole) } };
  expect(checkEntry('tool', { name: 'orders.get', inputSchema })).toMatchObject({ ok: true });
  expect(
    checkEntry('tool', { name: 'orders.get', inputSchema: { ...inputSchema, properties: { a: buildNested(27, whole) } } }),
  ).toMatchObject({
    ok: false,
    problem: 'it is nested deeper than 56 levels',
  });
  const check = compileCallCheck(inputSchema, []);
  expect(check(buildValue(26, 1))).toMatchObject({ ok: true });
  expect(check(buildValue(26, 'x'))).toMatchObject({ ok: false, problem: expect.stringContaining('must be an integer') });
  expect(check(buildValue(26, '1'))).toMatchObject({ ok: true, arguments: buildValue(26, 1) });
});

test('arguments of 60 levels are brought into form behind a reference, and what is deeper stays as it came', () => {
  const node = { properties: { a: { $ref: '#/$defs/node' }, n: whole } };
  const inputSchema = { type: 'object' as const, properties: { a: { $ref: '#/$defs/node' } }, $defs: { node } };
  const check = compileCallCheck(inputSchema, []);
  const at = (levels: number, n: unknown) => Array.from({ length: levels }).reduce<JsonObject>((below) => ({ a: below }), { n });
  expect(check(at(58, '1'))).toMatchObject({ ok: true, arguments: at(58, 1) });
  expect(check(at(61, '1'))).toMatchObject({ ok: false });
});
