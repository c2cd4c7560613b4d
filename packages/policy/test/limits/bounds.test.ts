import { expect, test } from 'vitest';

import { compileInputCheck } from '../../src/compile/input-check.ts';
import { CheckBudget, CheckTooLong } from '../../src/limits/check-budget.ts';
import { DEFINITION_LIMITS, findDefinitionProblem, listToolProblems } from '../../src/limits/definition-limits.ts';
import { checkEntry, describeProblem } from '../../src/limits/entry-limits.ts';
import { createLinearRegExps } from '../../src/limits/linear-pattern.ts';
import { computeSchemaCost, countSchemaParts, MAX_SCHEMA_PARTS, mayRepeat } from '../../src/limits/schema-cost.ts';
import { defineTool } from '../../src/testing/build.ts';

const findProblem = (kind: Parameters<typeof checkEntry>[0], raw: unknown): string | null => {
  const checked = checkEntry(kind, raw);
  return checked.ok ? null : checked.problem;
};
const makeTool = (more: object) => ({ ...defineTool('orders.get'), ...more });
const makePrompt = (more: object) => ({ name: 'p', ...more });
const makeResource = (more: object) => ({ uri: 'a:b', name: 'r', ...more });
const makeTemplate = (more: object) => ({ uriTemplate: 'a:b/{id}', name: 't', ...more });
const write = (length: number) => 'x'.repeat(length);
const list = (count: number) => Array.from({ length: count }, (_, at) => ({ name: `a${at}` }));

test.each<[kind: Parameters<typeof checkEntry>[0], fits: unknown, over: unknown, problem: string]>([
  ['tool', makeTool({ name: write(128) }), makeTool({ name: write(129) }), 'its name is longer than 128'],
  ['tool', makeTool({ title: write(2_000) }), makeTool({ title: write(2_001) }), 'its title is longer than 2,000'],
  [
    'tool',
    makeTool({ description: write(20_000) }),
    makeTool({ description: write(20_001) }),
    'its description is longer than 20,000',
  ],
  ['tool', makeTool({ title: '' }), makeTool({ title: 5 }), 'it is not a tool definition (title)'],
  [
    'tool',
    makeTool({ annotations: {} }),
    makeTool({ annotations: { readOnlyHint: 'yes' } }),
    'it is not a tool definition (annotations.readOnlyHint)',
  ],
  [
    'tool',
    makeTool({ inputSchema: { type: 'object' } }),
    makeTool({ inputSchema: { type: 'array' } }),
    'it is not a tool definition (inputSchema.type)',
  ],
  ['tool', makeTool({ outputSchema: {} }), makeTool({ outputSchema: [] }), 'it is not a tool definition (outputSchema)'],
  ['prompt', makePrompt({ name: write(128) }), makePrompt({ name: write(129) }), 'its name is longer than 128'],
  ['prompt', makePrompt({ title: write(2_000) }), makePrompt({ title: write(2_001) }), 'its title is longer than 2,000'],
  [
    'prompt',
    makePrompt({ description: write(20_000) }),
    makePrompt({ description: write(20_001) }),
    'its description is longer than 20,000',
  ],
  ['prompt', makePrompt({ arguments: list(64) }), makePrompt({ arguments: list(65) }), 'its arguments is longer than 64'],
  [
    'prompt',
    makePrompt({ arguments: [{ name: write(128) }] }),
    makePrompt({ arguments: [{ name: write(129) }] }),
    'its arguments.0.name is longer than 128',
  ],
  [
    'prompt',
    makePrompt({ arguments: [{ name: 'a', description: write(4_000) }] }),
    makePrompt({ arguments: [{ name: 'a', description: write(4_001) }] }),
    'its arguments.0.description is longer than 4,000',
  ],
  [
    'prompt',
    makePrompt({ arguments: [{ name: 'a' }] }),
    makePrompt({ arguments: [{ name: '' }] }),
    'it is not a prompt (arguments.0.name)',
  ],
  [
    'resource',
    makeResource({ uri: `a:${write(2_046)}` }),
    makeResource({ uri: `a:${write(2_047)}` }),
    'its name is longer than 2,048',
  ],
  ['resource', makeResource({ name: write(512) }), makeResource({ name: write(513) }), 'its name is longer than 512'],
  ['resource', makeResource({ mimeType: write(256) }), makeResource({ mimeType: write(257) }), 'its mimeType is longer than 256'],
  ['resource', makeResource({ title: write(2_000) }), makeResource({ title: write(2_001) }), 'its title is longer than 2,000'],
  [
    'resource',
    makeResource({ description: write(20_000) }),
    makeResource({ description: write(20_001) }),
    'its description is longer than 20,000',
  ],
  ['resource', makeResource({ uri: 'urn:x' }), makeResource({ uri: 'x' }), 'its address is not a URI'],
  ['resource', makeResource({ uri: 'a+b.c-1:x' }), makeResource({ uri: '1a:x' }), 'its address is not a URI'],
  ['resource', makeResource({ uri: 'a:ä' }), makeResource({ uri: 'a:b c' }), 'its address is not a URI'],
  ['resource', makeResource({ uri: 'a:b' }), makeResource({ uri: 'a:' }), 'its address is not a URI'],
  ['resource', makeResource({ uri: 'a:b' }), makeResource({ uri: 'a:\u009Bb' }), 'its address is not a URI'],
  ['resource', makeResource({}), { uri: 'a:b' }, 'it is not a resource (name)'],
  ['template', makeTemplate({ name: write(512) }), makeTemplate({ name: write(513) }), 'its name is longer than 512'],
  ['template', makeTemplate({ mimeType: write(256) }), makeTemplate({ mimeType: write(257) }), 'its mimeType is longer than 256'],
  ['template', makeTemplate({}), makeTemplate({ uriTemplate: 'a:b/{' }), 'its address template has a form that is not supported'],
  ['template', makeTemplate({}), makeTemplate({ uriTemplate: 'b/{id}' }), 'its address is not a URI'],
  ['instructions', { text: write(20_000) }, { text: write(20_001) }, 'its text is longer than 20,000'],
  ['instructions', { text: 'x' }, { text: '' }, 'it is not a text (text)'],
])('a %s is taken up to a bound and not over it: %#', (kind, fits, over, problem) => {
  expect(findProblem(kind, fits)).toBeNull();
  expect(findProblem(kind, over)).toBe(problem);
});

/** A value of so many levels. */
const buildNested = (levels: number): unknown => (levels <= 1 ? {} : { a: buildNested(levels - 1) });

test.each([
  [
    'levels',
    buildNested(DEFINITION_LIMITS.depth),
    buildNested(DEFINITION_LIMITS.depth + 1),
    'it is nested deeper than 56 levels',
  ],
  ['bytes', { a: write(128 * 1024 - 8) }, { a: write(128 * 1024 - 7) }, 'the definition is larger than 128 kB'],
  [
    'bytes of UTF-8',
    { a: 'ä'.repeat(64 * 1024 - 4) },
    { a: `${'ä'.repeat(64 * 1024 - 4)}x` },
    'the definition is larger than 128 kB',
  ],
  ['characters', { a: '\u0001\uFFFF\u{10FFFF}' }, { a: '\0' }, 'it holds characters that are not text'],
  ['pairs of surrogates', { a: '\u{1F600}' }, { a: '\uD83D' }, 'it holds characters that are not text'],
  ['the other half', { a: '\u{1F600}' }, { a: '\uDE00' }, 'it holds characters that are not text'],
  ['keys', { '\\u0000': 1 }, { '\0': 1 }, 'it holds characters that are not text'],
  ['what is written as an escape', { a: '\\ud83d \\\\u0000' }, { a: '\\\\\uD83D' }, 'it holds characters that are not text'],
  ['prototypes', { proto: 1 }, JSON.parse('{"a":[{"__proto__":1}]}'), 'it has the key "__proto__", which is taken from nobody'],
])('a definition is taken up to a bound and not over it: %s', (_name, fits, over, problem) => {
  expect(findDefinitionProblem(fits)).toBeNull();
  expect(findDefinitionProblem(over)).toBe(problem);
});

const checkSchema = (schema: object, place: 'inputSchema' | 'outputSchema' = 'inputSchema') =>
  listToolProblems({ ...defineTool('orders.get'), [place]: { type: 'object', ...schema } }).map(({ pointer, reason }) => [
    pointer,
    reason,
  ]);
const withParts = (count: number) => ({ properties: Object.fromEntries(list(count - 1).map(({ name }) => [name, {}])) });
const withBytes = (bytes: number) => ({ description: write(bytes - '{"type":"object","description":""}'.length) });

test.each([
  ['bytes', withBytes(64 * 1024), withBytes(64 * 1024 + 1), 'a schema is larger than 64 kB'],
  ['parts', withParts(999), withParts(1_000), 'a schema has more than 1000 parts'],
  ['cost', { allOf: Array(1_995).fill(true) }, { allOf: Array(1_996).fill(true) }, 'a schema refers to itself too often'],
])('the schema of a tool is taken up to a bound and not over it: %s', (_name, fits, over, problem) => {
  for (const place of ['inputSchema', 'outputSchema'] as const) {
    expect(checkSchema(fits, place)).toEqual([]);
    expect(checkSchema(over, place)).toEqual([[`/${place}`, problem]]);
  }
});

test('more parts than may be are not compiled either', () => {
  expect(compileInputCheck({ type: 'object', ...withParts(999) })({})).toBeNull();
  expect(() => compileInputCheck({ type: 'object', ...withParts(MAX_SCHEMA_PARTS + 1) })).toThrow(
    'The schema has too many parts',
  );
});

test.each<[string, Record<string, unknown>, number]>([
  ['an empty schema', {}, 1],
  ['a sub-schema', { not: {} }, 2],
  ['maps count as one too', { properties: { a: {}, b: {} } }, 4],
  ['true and false do not', { properties: { a: true } }, 2],
  ['lists do not', { allOf: [{}, {}] }, 3],
  ['a name that needs others', { dependentRequired: { a: ['b'] } }, 3],
  ['one in the older form', { dependencies: { a: ['b'], c: ['d'] } }, 4],
  ['a pattern of keys counts four times more', { patternProperties: { a: true } }, 6],
])('the parts of %s', (_name, schema, parts) => expect(countSchemaParts(schema)).toBe(parts));

/** Beside itself, an object counts one for each of `not`, `if`, `then` and `else`, there or not. */
const OWN = 5;

test.each<[string, Record<string, unknown>, number]>([
  ['an empty schema', {}, OWN],
  ['each alternative', { anyOf: [{}, {}], oneOf: [{}], allOf: [true] }, OWN + 3 * OWN + 1],
  ['conditions', JSON.parse('{"if":{},"then":{},"else":{},"not":{}}'), 1 + 4 * OWN],
  ['no alternatives', { allOf: [] }, OWN],
  ['dependencies', { dependentSchemas: { a: {} }, dependencies: { b: {}, c: ['d'] } }, OWN + 2 * OWN + 1],
  ['a reference', { $ref: '#/$defs/a', $defs: { a: { allOf: [{}] } } }, OWN + 2 * OWN],
  ['members, which are other values', { properties: { a: { allOf: [{}, {}] } } }, 3 * OWN],
  ['a reference that never descends', { allOf: [{ $ref: '#' }] }, Number.POSITIVE_INFINITY],
  ['a dynamic one', { $dynamicAnchor: 'a', anyOf: [{ $dynamicRef: '#a' }] }, Number.POSITIVE_INFINITY],
  ['a recursive one', { not: { $recursiveRef: '#' } }, Number.POSITIVE_INFINITY],
])('the cost of %s', (_name, schema, cost) => expect(computeSchemaCost(schema)).toBe(cost));

test.each([
  [{}, false],
  [{ properties: { a: { anyOf: [{}, {}] } } }, false],
  [{ additionalProperties: false, items: true }, false],
  [{ items: {} }, true],
  [{ not: { additionalProperties: {} } }, true],
  [{ $ref: '#' }, true],
  [{ properties: { $ref: {} } }, true],
])('%j may ask one sub-schema several times: %s', (schema, may) => expect(mayRepeat(schema)).toBe(may));

test('a check may take a million steps, and not one more', () => {
  const budget = new CheckBudget();
  budget.spend(1_000_000);
  expect(() => budget.spend(1)).toThrow(CheckTooLong);
  budget.renew();
  // of text 32 characters are a step, and what is begun counts
  budget.spendOnText(31_999_968);
  budget.spendOnText(1);
  expect(() => budget.spendOnText(1)).toThrow('The check takes too long');
  budget.renew();
  expect(() => budget.spendOnText(32_000_001)).toThrow(CheckTooLong);
});

test('a text is matched against a pattern up to 16,384 characters, and is taken when it is longer', () => {
  const regExp = createLinearRegExps(new CheckBudget());
  expect(regExp('^$').test(write(16_384))).toBe(false);
  expect(regExp('^$').test(write(16_385))).toBe(true);
  // four million steps of one match, of which this pattern takes 1,002 for each character
  const dear = regExp('^a{1000}$');
  expect([dear.test(write(3_992)), dear.test(write(3_993))]).toEqual([false, true]);
});

test.each([
  [{ pointer: null, keyword: null, reason: 'it is too long' }, 'it is too long'],
  [{ pointer: '/inputSchema', keyword: null, reason: 'a schema is too large' }, 'a schema is too large'],
  [{ pointer: '/inputSchema/type', keyword: 'type', reason: 'no type' }, 'no type (at /inputSchema/type)'],
])('a problem in one line: %j', (problem, line) => expect(describeProblem(problem)).toBe(line));
