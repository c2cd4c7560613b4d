import { expect, test } from 'vitest';

import { makeReadable, makeReadableForOlder, listUnfitParts } from '../../src/compile/fit-clients.ts';
import type { EntryKind } from '../../src/documents/catalogue-entry.ts';
import type { JsonObject } from '../../src/documents/json.ts';
import { defineTool } from '../../src/testing/build.ts';

const icon = { src: 'https://example.com/i.png', mimeType: 'image/png', sizes: ['48x48'], theme: 'dark' };

test.each<[kind: EntryKind, definition: JsonObject]>([
  ['tool', { icons: [icon], _meta: { a: 1 }, execution: { taskSupport: 'optional' }, vendor: null }],
  ['tool', { outputSchema: { type: 'object', properties: { n: { type: 'string', nullable: true } } } }],
  ['prompt', { icons: [], _meta: {} }],
  [
    'resource',
    { size: 5, annotations: { audience: ['user'], priority: 0.5, lastModified: '2026-01-01T00:00:00+02:00', own: 1 } },
  ],
  ['template', { annotations: {} }],
  ['instructions', { text: 'Look first.' }],
])('a %s that clients can read is passed on as it is', (kind, definition) => {
  expect(makeReadable(kind, definition)).toBe(definition);
  expect(listUnfitParts(kind, definition)).toEqual([]);
});

test.each<[kind: EntryKind, unfit: JsonObject, pointer: string, rest?: JsonObject]>([
  ['tool', { icons: 'i.png' }, '/icons'],
  ['tool', { icons: [{ ...icon, sizes: '48x48' }] }, '/icons'],
  ['prompt', { icons: [{}] }, '/icons'],
  ['tool', { _meta: [] }, '/_meta'],
  ['template', { _meta: 'x' }, '/_meta'],
  ['tool', { execution: 'sync' }, '/execution'],
  ['tool', { execution: { taskSupport: 'maybe', own: 1 } }, '/execution/taskSupport', { execution: { own: 1 } }],
  ['tool', { outputSchema: { type: 'object', properties: { n: { type: 'int' } } } }, '/outputSchema'],
  ['tool', { outputSchema: { type: 'object', properties: { n: { minimum: 0, exclusiveMinimum: true } } } }, '/outputSchema'],
  ['tool', { outputSchema: { type: 'object', properties: { n: { nullable: true } } } }, '/outputSchema'],
  ['resource', { size: '12' }, '/size'],
  ['resource', { annotations: ['user'] }, '/annotations'],
  ['resource', { annotations: { audience: 'user', priority: 1 } }, '/annotations/audience', { annotations: { priority: 1 } }],
  ['resource', { annotations: { priority: 7 } }, '/annotations/priority', { annotations: {} }],
  ['template', { annotations: { lastModified: 'yesterday' } }, '/annotations/lastModified', { annotations: {} }],
])('of a %s, %j is left out and named', (kind, unfit, pointer, rest = {}) => {
  expect(makeReadable(kind, { name: 'n', ...unfit })).toEqual({ name: 'n', ...rest });
  expect(listUnfitParts(kind, unfit)).toEqual([{ pointer, reason: expect.stringMatching(/^it is no/) }]);
});

test.each<JsonObject>([
  { type: 'array', items: { type: 'string' } },
  { oneOf: [{ type: 'object' }, { type: 'null' }] },
  { type: ['object', 'null'] },
  { type: 'object', properties: { a: true } },
  {},
])('clients before 2026-07-28 get no output schema that is %j, and its reviewers hear of it', (outputSchema) => {
  const tool = defineTool('t', { outputSchema });
  const { outputSchema: _left, ...rest } = tool;
  expect(makeReadableForOlder(tool)).toEqual(rest);
  expect(makeReadable('tool', tool)).toBe(tool);
  expect(listUnfitParts('tool', tool)).toEqual([
    { pointer: '/outputSchema', reason: expect.stringContaining('before 2026-07-28') },
  ]);
});

test('a property that takes everything or nothing is written out for them, which says the same', () => {
  const tool = defineTool('t', {
    inputSchema: { type: 'object', properties: { any: true, none: false, a: { type: 'string' } } },
  });
  expect(makeReadableForOlder(tool).inputSchema).toEqual({
    type: 'object',
    properties: { any: {}, none: { not: {} }, a: { type: 'string' } },
  });
  const plain = defineTool('t', { outputSchema: { type: 'object', properties: { a: {} }, required: ['a'] } });
  expect(makeReadableForOlder(plain)).toBe(plain);
});
