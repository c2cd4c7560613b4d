import { randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import { DEFINITION_LIMITS } from '@gatehouse/policy/limits/definition-limits';
import { makeServer } from '@gatehouse/policy/testing/build';

import { decodeAgentFrame, MAX_DEPTH } from '../src/codec.ts';
import { isDeeperThan } from '../src/json-depth.ts';

const FACTS = {
  status: 'succeeded',
  protocolVersion: '2025-11-25',
  serverInfo: { name: 'orders', version: '1.0.0' },
  features: { logging: true, completions: false, resourceSubscriptions: false },
};
const TOOL = { name: 'get_order', inputSchema: { type: 'object' }, _meta: { own: [1] } };
const PROMPT = { name: 'summary' };
const RESOURCE = { uri: 'orders://terms', name: 'Terms' };
const TEMPLATE = { uriTemplate: 'orders://{id}', name: 'One order' };
const EARLIER = { ...FACTS, instructions: null, tools: [TOOL] };

const discoveryId = randomUUID();
const decodeResult = (outcome: object) =>
  decodeAgentFrame({ data: Buffer.from(JSON.stringify({ type: 'discovery-result', discoveryId, outcome })), isBinary: false });
const malformed = { ok: false, answer: { of: 'discovery-result', code: 'malformed' } };

test('the form of 0.1, with a list for each kind, says the same as the present one', () => {
  const entries = [
    { kind: 'tool', definition: TOOL },
    { kind: 'prompt', definition: PROMPT },
    { kind: 'resource', definition: RESOURCE },
    { kind: 'template', definition: TEMPLATE },
    { kind: 'instructions', definition: { text: 'Look an order up first.' } },
  ];
  const present = decodeResult({ ...FACTS, entries });
  expect(present).toEqual({ ok: true, message: { type: 'discovery-result', discoveryId, outcome: { ...FACTS, entries } } });
  const lists = { prompts: [PROMPT], resources: [RESOURCE], resourceTemplates: [TEMPLATE] };
  expect(decodeResult({ ...EARLIER, ...lists, instructions: 'Look an order up first.' })).toEqual(present);
});

test('a definition that is nested as deep as one may be fits into a message to the hub, and into a part of a configuration', () => {
  const deep = Array.from({ length: DEFINITION_LIMITS.depth - 3 }).reduce<object>((inner) => ({ not: inner }), {});
  const definition = { name: 'get_order', inputSchema: { type: 'object', not: deep } };
  expect(
    [DEFINITION_LIMITS.depth, DEFINITION_LIMITS.depth - 1].map((depth) => isDeeperThan(JSON.stringify(definition), depth)),
  ).toEqual([false, true]);
  expect(decodeResult({ ...FACTS, entries: [{ kind: 'tool', definition }] })).toMatchObject({ ok: true });
  const part = { server: makeServer(), entries: [{ kind: 'tool', definition, alike: [] }] };
  expect(isDeeperThan(JSON.stringify(part), MAX_DEPTH)).toBe(false);
});

test.each([null, ''])('a list that is left out is empty, and instructions that are %j are none', (instructions) => {
  const entries = [{ kind: 'tool', definition: TOOL }];
  expect(decodeResult({ ...EARLIER, instructions })).toMatchObject({ ok: true, message: { outcome: { entries } } });
});

test.each([
  ['tools', TOOL, 5_000],
  ['prompts', PROMPT, 1_000],
  ['resources', RESOURCE, 1_000],
  ['resourceTemplates', TEMPLATE, 200],
])('T-57: neither form holds more %s than a server may offer', (list, definition, most) => {
  const kind = list === 'resourceTemplates' ? 'template' : list.slice(0, -1);
  const many = (count: number) => Array.from({ length: count }, () => definition);
  const entriesOf = (count: number) => many(count).map((each) => ({ kind, definition: each }));
  expect(decodeResult({ ...EARLIER, tools: [], [list]: many(most) })).toMatchObject({ ok: true });
  expect(decodeResult({ ...EARLIER, tools: [], [list]: many(most + 1) })).toMatchObject(malformed);
  expect(decodeResult({ ...FACTS, entries: entriesOf(most) })).toMatchObject({ ok: true });
  expect(decodeResult({ ...FACTS, entries: entriesOf(most + 1) })).toMatchObject(malformed);
});

test.each([
  ['both forms at once', { ...EARLIER, entries: [] }],
  ['a key that neither form has', { ...EARLIER, skills: [] }],
  ['a definition of another kind in a list', { ...EARLIER, resources: [TEMPLATE] }],
  ['a definition of another kind in an entry', { ...FACTS, entries: [{ kind: 'resource', definition: TOOL }] }],
  [
    'a pin, which is not the word of an agent',
    { ...FACTS, entries: [{ kind: 'prompt', definition: PROMPT, pin: 'a'.repeat(64) }] },
  ],
  ['instructions that are too long', { ...EARLIER, instructions: 'x'.repeat(20_001) }],
  ['two texts of instructions', { ...FACTS, entries: Array(2).fill({ kind: 'instructions', definition: { text: 'a' } }) }],
])('T-07: a result is refused for %s', (_, outcome) => {
  expect(decodeResult(outcome)).toMatchObject(malformed);
});
