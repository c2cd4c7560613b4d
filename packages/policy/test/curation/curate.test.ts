import { expect, test } from 'vitest';

import { buildAdvertisedLists } from '../../src/compile/advertise.ts';
import { compileCallCheck } from '../../src/compile/call-check.ts';
import { compileSnapshot } from '../../src/compile/compile-snapshot.ts';
import { listArgumentRuleProblems } from '../../src/curation/argument-rule-problems.ts';
import { curateInputSchema, type InputSchema } from '../../src/curation/curate-schema.ts';
import type { ArgumentRule } from '../../src/documents/profile.ts';
import { makeProfile, makeServer, makeSnapshot, makeTool } from '../../src/testing/build.ts';

const hide = (argument: string): ArgumentRule => ({ kind: 'hide', argument });
const pin = (argument: string, value: Extract<ArgumentRule, { kind: 'pin' }>['value']): ArgumentRule => ({
  kind: 'pin',
  argument,
  value,
});
const restrict = (argument: string, ...values: (string | number | boolean | null)[]): ArgumentRule => ({
  kind: 'restrict',
  argument,
  values,
});

const FLAT: InputSchema = {
  type: 'object',
  properties: {
    query: { type: 'string' },
    tenant: { type: 'string' },
    mode: { type: 'string', default: 'fast', examples: ['fast'] },
    tags: { type: 'array', items: { type: 'string' } },
  },
  required: ['query', 'tenant'],
};

const SHARED: InputSchema = {
  type: 'object',
  $defs: {
    Filter: {
      title: 'Filter',
      type: 'object',
      properties: { field: { $ref: '#/$defs/Field' }, secret: { $ref: '#/$defs/Secret' } },
      required: ['field', 'secret'],
    },
    Field: { enum: ['id', 'name', 'mail'] },
    Secret: { type: 'string', description: 'internal' },
  },
  properties: {
    filter: { $ref: '#/$defs/Filter', description: 'What to look for' },
    filters: { type: 'array', items: { $ref: '#/$defs/Filter' } },
    maybe: { anyOf: [{ $ref: '#/$defs/Filter' }, { type: 'null' }], default: { secret: 'x' } },
  },
};

test('without rules the schema stays the very same object', () => {
  expect(curateInputSchema(SHARED, [])).toBe(SHARED);
});

test('hidden and pinned arguments leave with their place among the required ones, the order of keys stays', () => {
  const curated = curateInputSchema(FLAT, [pin('/tenant', 'acme'), hide('/tags'), restrict('/mode', 'slow', 'exact')]);
  expect(JSON.stringify(curated)).toBe(
    JSON.stringify({
      type: 'object',
      properties: { query: { type: 'string' }, mode: { type: 'string', enum: ['slow', 'exact'] } },
      required: ['query'],
    }),
  );
  expect(curateInputSchema(FLAT, [restrict('/mode', 'slow', 'exact'), hide('/tags'), pin('/tenant', 'acme')])).toEqual(curated);
});

test('the bytes do not depend on the order of rules, and curating changes nothing of the original', () => {
  const before = JSON.stringify(SHARED);
  const rules = [pin('/filter/secret', 's'), restrict('/filter/field', 'id'), pin('/maybe/secret', 's')];
  expect(JSON.stringify(curateInputSchema(SHARED, rules))).toBe(JSON.stringify(curateInputSchema(SHARED, rules.toReversed())));
  expect(JSON.stringify(SHARED)).toBe(before);
});

test('a reference is written out only where something behind it changes', () => {
  const curated = curateInputSchema(SHARED, [pin('/filter/secret', 's')]);
  expect(curated['properties']).toEqual({
    filter: {
      title: 'Filter',
      type: 'object',
      properties: { field: { $ref: '#/$defs/Field' } },
      required: ['field'],
      description: 'What to look for',
    },
    filters: { type: 'array', items: { $ref: '#/$defs/Filter' } },
    maybe: { anyOf: [{ $ref: '#/$defs/Filter' }, { type: 'null' }], default: { secret: 'x' } },
  });
});

test('an argument inside a list or an alternative is found, and a definition nobody uses any more is dropped', () => {
  const curated = curateInputSchema(SHARED, [pin('/filter/secret', 's'), pin('/filters/secret', 's'), pin('/maybe/secret', 's')]);
  expect(JSON.stringify(curated)).not.toMatch(/secret|internal/i);
  expect(curated['$defs']).toEqual({ Field: { enum: ['id', 'name', 'mail'] } });
});

test('a list is restricted in its items, an optional value in the whole', () => {
  const schema: InputSchema = {
    type: 'object',
    properties: {
      tags: { anyOf: [{ type: 'array', items: { type: 'string' } }, { type: 'null' }] },
      level: { anyOf: [{ type: 'integer' }, { type: 'null' }], default: null },
    },
  };
  expect(curateInputSchema(schema, [restrict('/tags', 'a'), restrict('/level', 1)])['properties']).toEqual({
    tags: {
      anyOf: [
        { type: 'array', items: { type: 'string', enum: ['a'] } },
        { type: 'null', enum: ['a'] },
      ],
    },
    level: { anyOf: [{ type: 'integer' }, { type: 'null' }], enum: [1] },
  });
});

test('a schema that refers to itself is curated at the place that the rule names', () => {
  const tree: InputSchema = {
    type: 'object',
    properties: { id: { type: 'string' }, child: { $ref: '#/$defs/Node' } },
    $defs: { Node: { properties: { id: { type: 'string' }, child: { $ref: '#/$defs/Node' } } } },
  };
  expect(curateInputSchema(tree, [hide('/child/child/id')])['properties']).toEqual({
    id: { type: 'string' },
    child: { properties: { id: { type: 'string' }, child: { properties: { child: { $ref: '#/$defs/Node' } } } } },
  });
});

test('T-57: references that lead back to themselves end', () => {
  const loop: InputSchema = {
    type: 'object',
    $defs: { A: { items: { $ref: '#/$defs/A' } } },
    properties: { a: { $ref: '#/$defs/A' } },
  };
  expect(listArgumentRuleProblems(loop, [hide('/a/b')])).toEqual(['"a.b" is not an argument of this tool.']);
  expect(listArgumentRuleProblems(loop, [restrict('/a', 'x')])).toHaveLength(1);
});

test('T-57: alternatives that double at each level are given up, and such a tool is neither listed nor callable', () => {
  const $defs: Record<string, object> = { d0: { type: 'string' } };
  for (let level = 1; level <= 28; level += 1) {
    const items = { $ref: `#/$defs/d${level - 1}` };
    $defs[`d${level}`] = {
      anyOf: [
        { type: 'array', items },
        { type: 'array', items, maxItems: 3 },
      ],
    };
  }
  const schema: InputSchema = { type: 'object', $defs, properties: { a: { $ref: '#/$defs/d28' } } };
  const rules = [restrict('/a', 'x')];
  expect(listArgumentRuleProblems(schema, rules)).toEqual([expect.stringMatching(/too entangled/)]);
  expect(listArgumentRuleProblems(schema, [hide('/a/b')])).toEqual([expect.stringMatching(/too entangled|not an argument/)]);
  const server = makeServer();
  const tool = makeTool(server, { inputSchema: schema }, { arguments: rules });
  const compiled = compileSnapshot(makeSnapshot({ servers: [server], profiles: [makeProfile([tool])] }));
  expect(compiled.profilesBySlug.get('support')?.lists.tools).toEqual([]);
  expect(compiled.profilesBySlug.get('support')?.tools.size).toBe(0);
  expect(buildAdvertisedLists([tool]).tools).toEqual([]);
});

test.each<[string, InputSchema, ArgumentRule[], RegExp]>([
  ['an argument that is not declared', FLAT, [hide('/nothing')], /"nothing" is not an argument/],
  ['one that is inherited by every object', FLAT, [hide('/constructor')], /not an argument/],
  ['a nested one that is not declared', SHARED, [hide('/filter/other')], /"filter.other" is not an argument/],
  ['a required argument without a value', FLAT, [hide('/query')], /"query" is required/],
  ['a required nested argument without a value', SHARED, [hide('/filters/secret')], /"filters.secret" is required/],
  ['a pinned value of another type', FLAT, [pin('/tenant', 5)], /pinned for "tenant"/],
  ['a pinned value outside of the declared ones', SHARED, [pin('/filter/field', 'phone')], /pinned for "filter.field"/],
  ['values of another type', FLAT, [restrict('/mode', 'slow', 3)], /"mode" cannot be restricted to 3/],
  ['values outside of the declared ones', SHARED, [restrict('/filters/field', 'id', 'x')], /restricted to "x"/],
  ['items of another type', FLAT, [restrict('/tags', 1)], /"tags" cannot be restricted to 1/],
  ['an object restricted to a text', SHARED, [restrict('/filter', 'x')], /"filter" cannot be restricted/],
  ['two rules on one argument', FLAT, [hide('/tags'), restrict('/tags', 'a')], /two rules/],
  ['a rule inside a hidden argument', SHARED, [hide('/maybe'), hide('/maybe/secret')], /inside "maybe"/],
  [
    'an argument that something else refers to',
    { type: 'object', properties: { a: { type: 'string' }, b: { $ref: '#/properties/a' } } },
    [hide('/a')],
    /refers to an argument/,
  ],
  [
    'an argument that decides about others',
    {
      type: 'object',
      properties: { kind: { type: 'string' }, x: {} },
      if: { properties: { kind: { const: 'x' } } },
      // oxlint-disable-next-line unicorn/no-thenable -- the keyword of JSON Schema
      then: { required: ['x'] },
    },
    [pin('/kind', 'y')],
    /decides which other arguments/,
  ],
])('refused on save: %s', (_, schema, rules, problem) => {
  const problems = listArgumentRuleProblems(schema, rules);
  expect(problems).toEqual(expect.arrayContaining([expect.stringMatching(problem)]));
});

test('rules that fit are saved', () => {
  expect(listArgumentRuleProblems(FLAT, [pin('/tenant', 'acme'), hide('/tags'), restrict('/mode', 'slow')])).toEqual([]);
  expect(listArgumentRuleProblems(SHARED, [pin('/filters/secret', 's'), restrict('/filters/field', 'id')])).toEqual([]);
});

test('pinned values are added, nested objects made, and the caller’s own arguments stay as they were', () => {
  const check = compileCallCheck(SHARED, [pin('/filter/secret', 's'), pin('/filters/secret', 't')]);
  const args = { filter: { field: 'id' }, filters: [{ field: 'id' }, { field: 'name' }] };
  const before = structuredClone(args);
  expect(check(args)).toMatchObject({
    ok: true,
    arguments: {
      filter: { field: 'id', secret: 's' },
      filters: [
        { field: 'id', secret: 't' },
        { field: 'name', secret: 't' },
      ],
    },
  });
  expect(args).toEqual(before);
  const made: InputSchema = {
    type: 'object',
    properties: { a: { type: 'object', properties: { b: { type: 'integer' }, c: {} } } },
  };
  expect(compileCallCheck(made, [pin('/a/b', 1)])({})).toEqual({
    ok: true,
    arguments: { a: { b: 1 } },
    given: {},
    changes: null,
  });
});

test('a value in the place of the object that a pinned argument stands in is refused', () => {
  const schema: InputSchema = {
    type: 'object',
    properties: { filter: { type: ['object', 'null'], properties: { tenant: {} } } },
  };
  const check = compileCallCheck(schema, [pin('/filter/tenant', 'acme')]);
  expect(check({ filter: null })).toMatchObject({ ok: false });
  expect(check({ filter: {} })).toMatchObject({ ok: true, arguments: { filter: { tenant: 'acme' } } });
});

test.each<[string, object, object, string]>([
  ['unknown', {}, { foo: 1 }, "This tool has no argument 'foo'; it takes query."],
  ['hidden', {}, { query: 'a', tenant: 'evil' }, "This tool has no argument 'tenant'; it takes query."],
  [
    'hidden although others are allowed',
    { additionalProperties: true },
    { tenant: 'evil' },
    "This tool has no argument 'tenant'; it takes query.",
  ],
])('an argument that is %s is refused with what was expected', (_, extra, args, problem) => {
  const schema: InputSchema = { type: 'object', properties: { query: { type: 'string' }, tenant: { type: 'string' } }, ...extra };
  expect(compileCallCheck(schema, [hide('/tenant')])({ ...args })).toEqual({ ok: false, problem });
});

test('a hidden nested argument is refused, and the alternatives of a schema do not let it or other values through', () => {
  const schema: InputSchema = {
    type: 'object',
    properties: { filter: { anyOf: [{ type: 'object', properties: { f: { type: 'string' }, s: {} } }, { type: 'object' }] } },
  };
  const check = compileCallCheck(schema, [hide('/filter/s'), restrict('/filter/f', 'id')]);
  expect(check({ filter: { s: 1 } })).toEqual({ ok: false, problem: '"filter" has no argument \'s\'; it takes f.' });
  expect(check({ filter: { f: 'mail' } })).toEqual({ ok: false, problem: '"filter.f" must be one of ["id"]; a string came.' });
  expect(check({ filter: { f: 'id' } })).toMatchObject({ ok: true });
});

test.each<[string, object, boolean]>([
  ['nothing is declared', {}, true],
  ['others are allowed', { properties: { a: {} }, additionalProperties: true }, true],
  ['others have a schema', { properties: { a: {} }, additionalProperties: { type: 'string' } }, true],
  ['others are described by a pattern', { properties: { a: {} }, patternProperties: { '^x': {} } }, true],
  ['only arguments are declared', { properties: { a: {} } }, false],
  ['an empty list is declared', { properties: {} }, false],
  ['the declaration is behind a reference', { $ref: '#/$defs/A', $defs: { A: { properties: { a: {} } } } }, false],
  ['an alternative declares it', { anyOf: [{ properties: { a: {} } }, { properties: { b: {} } }] }, false],
  ['a reference allows others', { $ref: '#/$defs/A', $defs: { A: { properties: { a: {} }, additionalProperties: true } } }, true],
])('an undeclared argument when %s', (_, schema, accepted) => {
  expect(compileCallCheck({ type: 'object', ...schema }, [])({ xyz: 'text' }).ok).toBe(accepted);
});

test('an argument counts only in the alternative that fits', () => {
  const schema: InputSchema = {
    type: 'object',
    oneOf: [
      { properties: { kind: { const: 'a' }, x: {} }, required: ['kind'] },
      { properties: { kind: { const: 'b' }, y: {} }, required: ['kind'] },
    ],
  };
  const check = compileCallCheck(schema, []);
  expect(check({ kind: 'a', x: 1 }).ok).toBe(true);
  expect(check({ kind: 'a', y: 1 })).toEqual({ ok: false, problem: '"y" does not go with the other arguments that came.' });
});

test('what the server itself would refuse after pinning is refused here, without naming what is hidden', () => {
  const schema: InputSchema = {
    type: 'object',
    properties: { a: { type: 'integer' }, tenant: { type: 'string' } },
    maxProperties: 1,
  };
  const answer = compileCallCheck(schema, [pin('/tenant', 'acme')])({ a: 1 });
  expect(answer).toMatchObject({ ok: false });
  expect(JSON.stringify(answer)).not.toMatch(/tenant|acme/);
});

test('T-56: where a schema is open, no second name that a server may read as that of a rule gets past it', () => {
  const open: InputSchema = {
    type: 'object',
    properties: { status: { type: 'string' }, 'status-code': { type: 'string' }, filter: { type: 'object' } },
    additionalProperties: true,
  };
  for (const rule of [pin('/status', 'open'), hide('/status'), restrict('/status', 'open')]) {
    const check = compileCallCheck(open, [rule]);
    expect(check({ 'status-code': 'x', other: 'y' })).toMatchObject({ ok: true });
    for (const name of ['Status', 'status[]', 'status.x', '%73tatus', ' status'])
      expect(check({ [name]: 'closed' }), name).toMatchObject({ ok: false });
  }
  const cased: InputSchema = { type: 'object', properties: { order_id: {} }, additionalProperties: true };
  for (const name of ['orderId', 'orderid', 'order-id', 'OrderID'])
    expect(compileCallCheck(cased, [pin('/order_id', '7')])({ [name]: '8' }), name).toMatchObject({ ok: false });
  const inner = compileCallCheck(open, [pin('/filter/tenant', 'acme')]);
  expect(inner({ filter: { name: 'x' } })).toMatchObject({ ok: true, arguments: { filter: { tenant: 'acme' } } });
  expect(inner({ filter: { Tenant: 'evil' } })).toMatchObject({ ok: false });
  expect(inner({ Filter: { tenant: 'evil' } })).toMatchObject({ ok: false });
  expect(inner({ 'filter[tenant]': 'evil' })).toMatchObject({ ok: false });
});

test.each([
  ['a restriction', restrict('/n', 1, JSON.parse('725653563933458437') as number), '725653563933458400'],
  ['a pinned value', pin('/n', 9_007_199_254_740_992), '9007199254740992'],
  ['a number inside of a pinned value', pin('/o', { ids: [JSON.parse('-725653563933458437') as number] }), '-725653563933458400'],
  ['a fraction', restrict('/n', JSON.parse('0.12345678901234567890') as number), '0.12345678901234568'],
])('%s that may have been another number before it was read is refused', (_what, rule, told) => {
  const schema: InputSchema = { type: 'object', properties: { n: { type: 'number' }, o: { type: 'object' } } };
  const [problem] = listArgumentRuleProblems(schema, [rule]);
  expect(problem).toMatch(new RegExp(`cannot be given ${told}: .* lose digits`));
});

test.each([9_007_199_254_740_991, -12.5, 0.1, 0.000_000_123_456_789, 123_456_789_012.345])('%s keeps its digits', (value) => {
  const schema: InputSchema = { type: 'object', properties: { n: { type: 'number' } } };
  expect(listArgumentRuleProblems(schema, [restrict('/n', value)])).toEqual([]);
});
