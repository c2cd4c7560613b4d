import { expect, test } from 'vitest';

import { compileCallCheck } from '../../src/compile/call-check.ts';
import type { JsonObject } from '../../src/documents/json.ts';

const withA = (a: object) => ({ properties: { a } });
const CANARY = 'c4n4ry';

/** Every refusal: the argument by its path, what is expected, and the type of what came. */
test.each<[string, object, JsonObject, string]>([
  ['type', withA({ type: 'integer' }), { a: CANARY }, '"a" must be an integer; a string came.'],
  ['several types', withA({ type: ['string', 'null'] }), { a: [CANARY] }, '"a" must be a string or null; an array came.'],
  [
    'alternatives',
    withA({ anyOf: [{ type: 'string' }, { type: 'integer' }] }),
    { a: {} },
    '"a" must be a string or an integer; an object came.',
  ],
  [
    'the alternative that was meant',
    withA({ anyOf: [{ type: 'string' }, { type: 'object', properties: { b: { type: 'integer' } } }] }),
    { a: { b: CANARY } },
    '"a.b" must be an integer; a string came.',
  ],
  [
    'in a list',
    withA({ items: { properties: { b: { type: 'integer' } } } }),
    { a: [{}, { b: CANARY }] },
    '"a.1.b" must be an integer; a string came.',
  ],
  [
    'behind a reference',
    { ...withA({ $ref: '#/$defs/x' }), $defs: { x: { properties: { b: { type: 'string' } } } } },
    { a: { b: 1 } },
    '"a.b" must be a string; a number came.',
  ],
  [
    'several that exclude each other',
    withA({ oneOf: [{ type: 'integer' }, { type: 'number' }] }),
    { a: 1 },
    '"a" fits several of the forms that exclude each other; a number came.',
  ],
  ['required', { ...withA({ type: 'string' }), required: ['a'] }, {}, '"a" is required: a string is expected, nothing came.'],
  ['required inside', withA({ required: ['b'] }), { a: { c: CANARY } }, '"a.b" is required: nothing came.'],
  [
    'required with another',
    { ...withA({}), dependentRequired: { a: ['b'] }, additionalProperties: true },
    { a: CANARY },
    '"b" is required together with "a", and nothing came.',
  ],
  ['undeclared', { properties: { n: {}, flag: {} } }, { foo: CANARY }, "This tool has no argument 'foo'; it takes n, flag."],
  [
    'several undeclared',
    { properties: { n: {} } },
    { foo: CANARY, bar: 1 },
    "This tool has no arguments 'foo', 'bar'; it takes n.",
  ],
  ['none declared', { properties: {} }, { foo: CANARY }, "This tool has no argument 'foo'; it takes none."],
  [
    'undeclared inside',
    withA({ properties: { b: {} }, additionalProperties: false }),
    { a: { foo: CANARY } },
    '"a" has no argument \'foo\'; it takes b.',
  ],
  [
    'undeclared in the newer form',
    withA({ properties: { b: {} }, unevaluatedProperties: false }),
    { a: { foo: CANARY } },
    '"a" has no argument \'foo\'; it takes b.',
  ],
  ['never taken', withA({ properties: { b: false } }), { a: { b: CANARY } }, '"a.b" is not taken; a string came.'],
  [
    'a name of a key',
    withA({ propertyNames: { maxLength: 2 } }),
    { a: { foo: CANARY } },
    '"a" does not take a key with the name \'foo\'.',
  ],
  ['enum', withA({ enum: ['x', 'y'] }), { a: CANARY }, '"a" must be one of ["x","y"]; a string came.'],
  ['const', withA({ const: 'x' }), { a: CANARY }, '"a" must be "x"; a string came.'],
  ['not', withA({ not: { type: 'string' } }), { a: CANARY }, '"a" has a form that this tool excludes; a string came.'],
  [
    'if',
    withA(JSON.parse('{"if":{"type":"string"},"then":{"minLength":9}}')),
    { a: CANARY },
    '"a" must not have fewer than 9 characters; a string came.',
  ],
  ['minimum', withA({ minimum: 3 }), { a: 1 }, '"a" must be >= 3; a number came.'],
  ['exclusiveMaximum', withA({ exclusiveMaximum: 3 }), { a: 3 }, '"a" must be < 3; a number came.'],
  ['multipleOf', withA({ multipleOf: 2 }), { a: 3 }, '"a" must be multiple of 2; a number came.'],
  ['pattern', withA({ pattern: '^x' }), { a: CANARY }, '"a" must match pattern "^x"; a string came.'],
  ['minItems', withA({ minItems: 1 }), { a: [] }, '"a" must not have fewer than 1 items; an array came.'],
  ['uniqueItems', withA({ uniqueItems: true }), { a: [CANARY, CANARY] }, '"a" must not have duplicate items; an array came.'],
  [
    'contains',
    withA({ contains: { type: 'integer' } }),
    { a: [CANARY] },
    '"a" must contain at least 1 valid item(s); an array came.',
  ],
  ['minProperties', withA({ minProperties: 1 }), { a: {} }, '"a" must not have fewer than 1 properties; an object came.'],
])('%s', (_what, schema, args, problem) => {
  const settings = { argumentForms: 'strict', undeclaredArguments: 'refuse' } as const;
  const checked = compileCallCheck({ type: 'object', ...schema }, [], { settings })(args);
  expect(checked).toEqual({ ok: false, problem });
  expect(problem).not.toContain(CANARY);
});

test('a key is shown as a person would see it, and never a part of it', () => {
  const check = compileCallCheck({ type: 'object', properties: { a: {} } }, []);
  expect(check({ 'x\u202Ey\u001b[31m': 1 })).toMatchObject({ problem: "This tool has no argument 'xy'; it takes a." });
  expect(check({ ['k'.repeat(300)]: 1 })).toMatchObject({
    problem: expect.stringContaining("'one with a name of 300 characters'"),
  });
});

test.each<[string, JsonObject, JsonObject, string | null]>([
  ['alone', { properties: {}, required: ['q'] }, { q: 1 }, null],
  ['beside another', { properties: {}, required: ['q'] }, { q: 1, r: 1 }, "This tool has no argument 'r'; it takes q."],
  ['that is missing', { properties: {}, required: ['q'] }, {}, '"q" is required: nothing came.'],
  ['beside composed ones', { allOf: [{ properties: { a: {} } }], required: ['q'] }, { q: 1, a: 1 }, null],
  ['in a part', { properties: { a: {} }, allOf: [{ required: ['q'] }] }, { q: 1 }, null],
  ['in an alternative', { anyOf: [{ properties: { a: {} }, required: ['a'] }, { required: ['q'] }] }, { q: 1 }, null],
  ['together with another', { properties: { a: {} }, dependentRequired: { a: ['q'] } }, { a: 1, q: 1 }, null],
  [
    'where no others are taken',
    { properties: {}, required: ['q'], additionalProperties: false },
    { q: 1 },
    "This tool has no argument 'q'; it takes none.",
  ],
])('an argument that only has to come is taken: %s', (_, schema, args, problem) => {
  const checked = compileCallCheck({ type: 'object', ...schema }, [])(args);
  expect(checked.ok ? null : checked.problem).toBe(problem);
});

test('an argument that only has to come is refused where the profile hides it, and sent where it sets it', () => {
  const schema = { type: 'object' as const, properties: { a: {} }, allOf: [{ required: ['q'] }] };
  const check = compileCallCheck(schema, [{ kind: 'pin', argument: '/q', value: 7 }]);
  expect(check({ q: 1 })).toMatchObject({ ok: false, problem: "This tool has no argument 'q'; it takes a." });
  expect(check({ a: 1 })).toMatchObject({ ok: true, arguments: { a: 1, q: 7 } });
});
