import { expect, test } from 'vitest';

import { compileSnapshot } from '../src/compile/compile-snapshot.ts';
import type { ToolDefinition } from '../src/documents/definition.ts';
import { evaluate } from '../src/evaluate.ts';
import { makeProfile, makePrompt, makeResource, makeServer, makeSnapshot, makeTemplate, makeTool } from '../src/testing/build.ts';

const server = makeServer();

function compileTools(...tools: ReturnType<typeof makeTool>[]) {
  return compileSnapshot(makeSnapshot({ servers: [server], profiles: [makeProfile(tools)] }));
}

function decide(compiled: ReturnType<typeof compileTools>, advertisedName: string, args: Record<string, unknown> = {}) {
  return evaluate(compiled, { profileSlug: 'support', method: 'tools/call', name: advertisedName, arguments: args });
}

test('T-44: a tool that was not selected answers exactly as one that does not exist', () => {
  const compiled = compileSnapshot(
    makeSnapshot({
      servers: [server],
      profiles: [makeProfile([makeTool(server)]), makeProfile([makeTool(server, { name: 'secret' })], { slug: 'other' })],
    }),
  );
  const hidden = decide(compiled, 'secret');
  expect(hidden).toEqual(decide(compiled, 'no-such-tool'));
  expect(hidden).toMatchObject({ code: 'tool_unknown', message: 'Unknown tool', target: null });
});

test('a denied tool says why and what to do, whatever the arguments', () => {
  const tool = makeTool(server, {}, { rule: 'deny', denyReason: 'Use the refund form.' });
  const decision = decide(compileTools(tool), 'orders.get', { any: 'thing' });
  expect(decision).toMatchObject({ kind: 'deny', code: 'tool_denied' });
  expect(decision.kind === 'deny' && decision.message).toContain('Use the refund form.');
  expect(decision.checks.at(-1)).toEqual({ check: 'rules', result: 'fail', code: 'tool_denied' });
});

test('an unknown endpoint is refused before any tool is looked at', () => {
  const decision = evaluate(compileTools(makeTool(server)), {
    profileSlug: 'x',
    method: 'tools/call',
    name: 'orders.get',
    arguments: {},
  });
  expect(decision).toMatchObject({
    code: 'profile_unknown',
    checks: [{ check: 'profile', result: 'fail', code: 'profile_unknown' }],
  });
});

const ORDER: ToolDefinition['inputSchema'] = {
  type: 'object',
  properties: { order_id: { type: 'integer' }, note: { type: 'string', maxLength: 5 }, mode: { enum: ['fast', 'slow'] } },
  required: ['order_id'],
  additionalProperties: false,
};

test.each([
  [{ order_id: 1 }, null],
  [{}, '"order_id" is required: an integer is expected, nothing came.'],
  [{ order_id: 'canary' }, '"order_id" must be an integer; a string came.'],
  [{ order_id: 1, note: 'canary' }, '"note" must not have more than 5 characters; a string came.'],
  [{ order_id: 1, mode: 'canary' }, '"mode" must be one of ["fast","slow"]; a string came.'],
  [{ order_id: 1, foo: 'canary' }, "This tool has no argument 'foo'; it takes order_id, note, mode."],
  [{ order_id: 1, toString: 1, foo: 2 }, "This tool has no arguments 'toString', 'foo'; it takes order_id, note, mode."],
])('arguments %j are answered with %j', (args, message) => {
  const decision = decide(compileTools(makeTool(server, { inputSchema: ORDER })), 'orders.get', args);
  if (message === null) return expect(decision.kind).toBe('allow');
  expect(decision).toMatchObject({ kind: 'deny', code: 'arguments_invalid', message });
  expect(decision.checks.at(-1)).toEqual({ check: 'arguments', result: 'fail', code: 'arguments_invalid' });
});

test('keys inherited by every object do not satisfy `required`', () => {
  const inputSchema: ToolDefinition['inputSchema'] = { type: 'object', required: ['constructor'] };
  expect(decide(compileTools(makeTool(server, { inputSchema })), 'orders.get', {})).toMatchObject({ code: 'arguments_invalid' });
});

test('a wrong value under a key that the caller invented is named by it', () => {
  const inputSchema: ToolDefinition['inputSchema'] = { type: 'object', additionalProperties: { type: 'number' } };
  expect(decide(compileTools(makeTool(server, { inputSchema })), 'orders.get', { foo: { bar: 'canary' } })).toMatchObject({
    message: '"foo" must be a number; an object came.',
  });
});

test.each([
  ['an undeclared tuple of draft-07', { items: [{ type: 'integer' }] }, undefined],
  ['a declared tuple of draft-07', { items: [{ type: 'integer' }] }, 'http://json-schema.org/draft-07/schema#'],
  ['a tuple of 2020-12', { prefixItems: [{ type: 'integer' }] }, 'https://json-schema.org/draft/2020-12/schema'],
  ['a tuple of 2019-09', { items: [{ type: 'integer' }] }, 'https://json-schema.org/draft/2019-09/schema'],
])('%s is checked in its own dialect', (_, tuple, $schema) => {
  const inputSchema = {
    type: 'object' as const,
    $schema,
    $id: 'https://example.com/x',
    properties: { list: { type: 'array', ...tuple } },
  };
  const compiled = compileTools(makeTool(server, { inputSchema: JSON.parse(JSON.stringify(inputSchema)) }));
  expect(decide(compiled, 'orders.get', { list: [1] }).kind).toBe('allow');
  expect(decide(compiled, 'orders.get', { list: ['canary'] })).toMatchObject({ code: 'arguments_invalid' });
});

test('T-57: a pattern with nested repetition is matched in linear time, look-around is left to the upstream', () => {
  const inputSchema: ToolDefinition['inputSchema'] = {
    type: 'object',
    properties: {
      slow: { type: 'string', pattern: '^(a+)+$' },
      other: { type: 'string', pattern: '^(?!x)' },
      plain: { pattern: '^b$' },
    },
  };
  const compiled = compileTools(makeTool(server, { inputSchema }));
  expect(decide(compiled, 'orders.get', { slow: `${'a'.repeat(10_000)}!` })).toMatchObject({ code: 'arguments_invalid' });
  expect(decide(compiled, 'orders.get', { slow: 'aaa', other: 'x', plain: 'b' }).kind).toBe('allow');
  expect(decide(compiled, 'orders.get', { plain: 'c' })).toMatchObject({ code: 'arguments_invalid' });
});

const REF = { $ref: '#/$defs/node' };
const makeNested = (levels: number): object => (levels === 0 ? {} : { next: makeNested(levels - 1) });

test.each<[string, object, unknown]>([
  [
    'references that double at each level of a value',
    { allOf: [{ properties: { next: REF } }, { properties: { next: REF } }] },
    makeNested(60),
  ],
  [
    'hundreds of alternatives for each of many values',
    { items: { anyOf: Array.from({ length: 900 }, (_, index) => ({ const: index })) } },
    Array.from({ length: 100_000 }, () => 899),
  ],
  [
    'many looks at the length of one long text',
    { allOf: Array.from({ length: 900 }, (_, index) => ({ maxLength: 3_000_000 + index })) },
    '\u{1f419}'.repeat(2_000_000),
  ],
  [
    'a pattern for each of many texts',
    { items: { pattern: '^([a-y]?){400}$' } },
    Array.from({ length: 5_000 }, () => 'b'.repeat(400)),
  ],
])('T-57: %s are refused, and hold up nothing', (_what, node, value) => {
  const inputSchema: ToolDefinition['inputSchema'] = { type: 'object', properties: { value: REF }, $defs: { node } };
  const compiled = compileTools(makeTool(server, { inputSchema }));
  expect(decide(compiled, 'orders.get', { value })).toMatchObject({
    code: 'arguments_invalid',
    message: expect.stringContaining('Send less at a time.'),
  });
  expect(decide(compiled, 'orders.get', {}).kind).toBe('allow');
});

test('T-57: distinct items are told apart in time that grows as their number does', () => {
  const inputSchema: ToolDefinition['inputSchema'] = { type: 'object', properties: { list: { uniqueItems: true } } };
  const compiled = compileTools(makeTool(server, { inputSchema }));
  const list: unknown[] = Array.from({ length: 150_000 }, (_, index) => ({ id: index }));
  expect(decide(compiled, 'orders.get', { list }).kind).toBe('allow');
  expect(decide(compiled, 'orders.get', { list: [...list, { id: 0 }] })).toMatchObject({ code: 'arguments_invalid' });
  expect(decide(compiled, 'orders.get', { list: [{ a: 1, b: [] }, 1, '1', { b: [], a: 1 }] })).toMatchObject({
    code: 'arguments_invalid',
  });
});

test.each([
  ['\u{1f419}'.repeat(5), true],
  ['\u{1f419}'.repeat(6), false],
  ['abcde', true],
  ['abcdef', false],
  ['\u{1f419}'.repeat(2), false],
  ['ab', false],
])('lengths of texts are counted in characters: %j', (text, fits) => {
  const inputSchema: ToolDefinition['inputSchema'] = {
    type: 'object',
    properties: { text: { type: 'string', minLength: 3, maxLength: 5 } },
  };
  expect(decide(compileTools(makeTool(server, { inputSchema })), 'orders.get', { text }).kind).toBe(fits ? 'allow' : 'deny');
});

test.each([{ $async: true }, { properties: { a: { $ref: 'https://example.com/schema' } } }, { allOf: [{ $ref: '#' }] }])(
  'a schema that cannot be checked refuses every call: %j',
  (schema) => {
    const inputSchema: ToolDefinition['inputSchema'] = { type: 'object', ...schema };
    expect(decide(compileTools(makeTool(server, { inputSchema })), 'orders.get', { a: 1 })).toMatchObject({
      kind: 'deny',
      code: 'internal',
    });
  },
);

test('prompts and resources are decided as tools are: the same look-up, the same order of checks', () => {
  const prompt = makePrompt(server, {}, { advertisedName: 'sum_up' });
  const profile = makeProfile([
    prompt,
    makeResource(server, { uri: 'notes://a/1' }),
    makeTemplate(server, { uriTemplate: 'notes://{owner}/{id}' }),
    makeTemplate(server, { uriTemplate: 'files://{+path}' }),
  ]);
  const compiled = compileSnapshot(makeSnapshot({ servers: [server], profiles: [profile] }));
  const read = (uri: string) => evaluate(compiled, { profileSlug: 'support', method: 'resources/read', uri });
  const get = (name: string) => evaluate(compiled, { profileSlug: 'support', method: 'prompts/get', name });

  expect(get('sum_up')).toMatchObject({ kind: 'allow', target: { kind: 'prompt', entry: { name: 'summary' }, server } });
  expect(get('summary')).toMatchObject({ kind: 'deny', code: 'prompt_unknown', target: null });
  expect(read('notes://a/1')).toMatchObject({ kind: 'allow', target: { kind: 'resource', entry: { name: 'notes://a/1' } } });
  expect(read('notes://b/2')).toMatchObject({
    kind: 'allow',
    target: { kind: 'template', entry: { name: 'notes://{owner}/{id}' } },
  });
  expect(read('notes://b/2/3')).toMatchObject({ kind: 'deny', code: 'resource_unknown' });
  expect(read('files://x/../y')).toMatchObject({ kind: 'deny', code: 'resource_unknown' });
  expect(get('sum_up').checks).toEqual([
    { check: 'profile', result: 'pass' },
    { check: 'catalogue', result: 'pass' },
    { check: 'pin', result: 'skip' },
    { check: 'arguments', result: 'skip' },
    { check: 'rules', result: 'pass' },
  ]);
});

test('an allowed call carries what is to be sent, a denied one what came in', () => {
  const inputSchema: ToolDefinition['inputSchema'] = {
    type: 'object',
    properties: { q: { type: 'string' }, tenant: { type: 'string' } },
  };
  const tool = makeTool(server, { inputSchema }, { arguments: [{ kind: 'pin', argument: '/tenant', value: 'acme' }] });
  const compiled = compileTools(tool);
  expect(decide(compiled, 'orders.get', { q: 'a' })).toMatchObject({
    kind: 'allow',
    target: { arguments: { q: 'a', tenant: 'acme' } },
  });
  expect(decide(compiled, 'orders.get', { q: 'a', tenant: 'evil' })).toMatchObject({
    code: 'arguments_invalid',
    message: "This tool has no argument 'tenant'; it takes q.",
    target: { arguments: { q: 'a', tenant: 'evil' } },
  });
});
