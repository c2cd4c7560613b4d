import { expect, test } from 'vitest';

import { computePin } from '../../src/documents/content-hash.ts';
import { findProsePlace, listProseChanges, withoutProse } from '../../src/documents/prose.ts';
import { computeSteadyPin, getSteadyPin } from '../../src/documents/steady-pin.ts';

const TOOL = {
  name: 'get_time',
  title: 'Time',
  description: 'It is 12:00 now',
  inputSchema: {
    type: 'object' as const,
    properties: {
      zone: { type: 'string', description: 'One of Helsinki, Oslo', enum: ['Helsinki', 'Oslo'], examples: ['Oslo'] },
      description: { type: 'string', title: 'A property of this name' },
    },
  },
  annotations: { title: 'Clock', readOnlyHint: true },
};
const withZone = (change: object) => ({
  ...TOOL,
  inputSchema: {
    ...TOOL.inputSchema,
    properties: { ...TOOL.inputSchema.properties, zone: { ...TOOL.inputSchema.properties.zone, ...change } },
  },
});

test.each([
  ['tool', '/description', '/description'],
  ['tool', '/title', '/title'],
  ['tool', '/annotations/title', '/annotations/title'],
  ['tool', '/inputSchema/description', '/inputSchema/description'],
  ['tool', '/inputSchema/properties/zone/description', '/inputSchema/properties/zone/description'],
  ['tool', '/inputSchema/properties/zone/examples/0', '/inputSchema/properties/zone/examples'],
  ['tool', '/inputSchema/properties/description/title', '/inputSchema/properties/description/title'],
  ['tool', '/inputSchema/properties/a~1b/description', '/inputSchema/properties/a~1b/description'],
  ['tool', '/inputSchema/anyOf/0/items/$comment', '/inputSchema/anyOf/0/items/$comment'],
  ['tool', '/inputSchema/items/0/description', '/inputSchema/items/0/description'],
  ['tool', '/outputSchema/properties/at/description', '/outputSchema/properties/at/description'],
  ['prompt', '/arguments/0/description', '/arguments/0/description'],
  ['resource', '/description', '/description'],
] as const)('a text of a %s at %s may be ignored', (kind, pointer, place) => {
  expect(findProsePlace(kind, pointer)).toBe(place);
});

test.each([
  ['tool', ''],
  ['tool', '/name'],
  ['tool', '/inputSchema'],
  ['tool', '/inputSchema/required'],
  ['tool', '/inputSchema/properties/description'],
  ['tool', '/inputSchema/properties/title'],
  ['tool', '/inputSchema/properties/zone/enum'],
  ['tool', '/inputSchema/properties/zone/enum/0'],
  ['tool', '/inputSchema/properties/zone/pattern'],
  ['tool', '/inputSchema/properties/zone/default'],
  ['tool', '/inputSchema/properties/zone/const/description'],
  ['tool', '/inputSchema/properties/zone/default/description'],
  ['tool', '/inputSchema/$defs/title'],
  ['tool', '/inputSchema/x-own/description'],
  ['tool', '/annotations'],
  ['tool', '/annotations/readOnlyHint'],
  ['tool', '/annotations/destructiveHint'],
  ['tool', '/_meta/description'],
  ['prompt', '/arguments/0/name'],
  ['prompt', '/arguments/0/required'],
  ['prompt', '/arguments/x/description'],
  ['prompt', '/inputSchema/description'],
  ['resource', '/uri'],
  ['resource', '/mimeType'],
  ['resource', '/annotations/title'],
  ['instructions', '/text'],
  ['instructions', '/description'],
] as const)('of a %s, %s is no text that may be ignored', (kind, pointer) => {
  expect(findProsePlace(kind, pointer)).toBeNull();
});

test('where only words differ, their places are named; anything else beside them is said to be more', () => {
  expect(listProseChanges('tool', TOOL, TOOL)).toEqual([]);
  expect(
    listProseChanges('tool', TOOL, { ...withZone({ description: 'Other', examples: ['a', 'b'] }), description: 'Now 12:01' }),
  ).toEqual(['/description', '/inputSchema/properties/zone/description', '/inputSchema/properties/zone/examples']);
  expect(listProseChanges('tool', TOOL, withZone({ enum: ['Oslo', 'Helsinki'], description: 'Other' }))).toEqual([
    '/inputSchema/properties/zone/description',
  ]);
  const { title: _title, ...untitled } = TOOL;
  expect(listProseChanges('tool', TOOL, untitled)).toEqual(['/title']);
  for (const other of [
    withZone({ enum: ['Oslo', 'Turku'], description: 'Other' }),
    withZone({ maxLength: 3 }),
    { ...TOOL, annotations: { title: 'Clock', readOnlyHint: false } },
    { ...TOOL, description: 'Other', _meta: {} },
  ]) {
    expect(listProseChanges('tool', TOOL, other)).toBeNull();
  }
});

test('what a resource says of its content just now is no difference beside its words', () => {
  const say = (description: string, size: number, change: object = {}) => {
    const annotations = { lastModified: `2026-01-0${size}T00:00:00Z`, priority: 1 };
    return { uri: 'orders:///latest', name: 'latest', description, size, annotations, ...change };
  };
  for (const kind of ['resource', 'template'] as const) {
    expect(listProseChanges(kind, say('Of today', 1), say('Of this week', 2))).toEqual(['/description']);
    expect(listProseChanges(kind, say('Of today', 1), say('Of today', 2))).toEqual([]);
    expect(listProseChanges(kind, say('Of today', 1), say('Of this week', 2, { mimeType: 'text/plain' }))).toBeNull();
  }
  expect(listProseChanges('prompt', { name: 'a', size: 1 }, { name: 'a', size: 2 })).toBeNull();
});

test('the pin leaves out what is ignored, and nothing that an approval may not ignore', () => {
  const ignored = ['/description', '/inputSchema/properties/zone/description'];
  const reworded = { ...withZone({ description: 'One of Oslo, Helsinki' }), description: 'It is 12:01 now' };
  expect(computeSteadyPin('tool', reworded, ignored)).toBe(computeSteadyPin('tool', TOOL, ignored));
  expect(computeSteadyPin('tool', reworded, ['/description'])).not.toBe(computeSteadyPin('tool', TOOL, ['/description']));
  expect(getSteadyPin({ kind: 'tool', pin: computePin(TOOL), definition: TOOL, ignored })).toBe(
    computeSteadyPin('tool', TOOL, ignored),
  );
  expect(getSteadyPin({ kind: 'prompt', pin: 'as it is', definition: { name: 'ask' } })).toBe('as it is');
  for (const grave of ['/inputSchema/properties/zone/enum', '/annotations/readOnlyHint', '/inputSchema', '']) {
    expect(computeSteadyPin('tool', TOOL, [grave])).toBe(computePin(TOOL));
  }
});

test('what stands at the place of a text and is none is not left out: a reference could make a schema of it', () => {
  const hiding = withZone({ description: { type: 'string', pattern: 'x' }, examples: [{ type: 'string' }] });
  const ignored = [
    '/inputSchema/properties/zone/description',
    '/inputSchema/properties/zone/examples',
    '/inputSchema/properties/nobody/title',
  ];
  expect(withoutProse('tool', hiding, ignored)).toEqual(hiding);
  expect(TOOL).toEqual(withoutProse('tool', TOOL, []));
  expect(
    withoutProse('prompt', { name: 'a', arguments: [{ name: 'x', description: 'y' }] }, [
      '/arguments/0/description',
      '/arguments/7/title',
    ]),
  ).toEqual({
    name: 'a',
    arguments: [{ name: 'x' }],
  });
});
