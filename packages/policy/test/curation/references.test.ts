import { expect, test } from 'vitest';

import { restrictSchema } from '../../src/curation/restrict-schema.ts';
import { createReferenceResolver, decodeReferenceSegment, findObject, listAnchors } from '../../src/curation/schema-reference.ts';
import { withoutUnusedDefinitions } from '../../src/curation/unused-definitions.ts';
import type { JsonObject } from '../../src/documents/json.ts';

const schema: JsonObject = {
  $defs: {
    a: { $anchor: 'here', type: 'string' },
    'b/c': { const: 1 },
    'd~e': { const: 2 },
    'f g': { const: 3 },
    'h%': { const: 4 },
    list: [{ const: 5 }],
    inner: { properties: { x: { $dynamicAnchor: 'deep', const: 6 } } },
    yes: true,
    '': { const: 7 },
  },
};

test.each<[string, unknown]>([
  ['#', schema],
  ['#/$defs/a', { $anchor: 'here', type: 'string' }],
  ['#here', { $anchor: 'here', type: 'string' }],
  ['#deep', { $dynamicAnchor: 'deep', const: 6 }],
  ['#/$defs/b~1c', { const: 1 }],
  ['#/$defs/d~0e', { const: 2 }],
  ['#/$defs/f%20g', { const: 3 }],
  ['#/$defs/f g', { const: 3 }],
  ['#/$defs/h%25', { const: 4 }],
  ['#/$defs/h%', { const: 4 }],
  ['#/$defs/list/0', { const: 5 }],
  ['#/$defs/', { const: 7 }],
  ['#/$defs/yes', true],
  ['#/$defs/none', undefined],
  ['#/$defs/a/type/x', undefined],
  ['#/$defs/list/1', undefined],
  ['#/$defs/toString', undefined],
  ['#/__proto__', undefined],
  ['#none', undefined],
  ['', undefined],
  ['other.json', undefined],
  ['other.json#/$defs/a', undefined],
  ['$defs/a', undefined],
])('the reference %j leads to %j', (reference, target) => expect(createReferenceResolver(schema)(reference)).toEqual(target));

test.each([
  ['a%2Fb', 'a/b'],
  ['a~1b', 'a/b'],
  ['a%7E1b', 'a/b'],
  ['%E4%BD%A0', '你'],
  ['%', '%'],
  ['%zz~1', '%zz/'],
])('the segment %s is the key %s', (segment, key) => expect(decodeReferenceSegment(segment)).toBe(key));

test.each<[JsonObject, string[]]>([
  [{}, []],
  [{ $anchor: 'a' }, ['a']],
  [{ $dynamicAnchor: 'b', $anchor: 'a' }, ['a', 'b']],
  [{ $anchor: 7 }, []],
])('the anchors of %j are %j', (node, names) => expect(listAnchors(node)).toEqual(names));

test.each<[unknown, string, unknown]>([
  [{ a: { b: 1 } }, 'a', { b: 1 }],
  [{ a: [] }, 'a', undefined],
  [{ a: null }, 'a', undefined],
  [{}, 'constructor', undefined],
  [[{}], '0', undefined],
  ['a', 'a', undefined],
])('the object of %j under %s is %j', (value, key, found) => expect(findObject(value, key)).toEqual(found));

const text = { type: 'string' };
const keep = (definitions: object, rest: object = {}) => {
  const given = { type: 'object' as const, ...rest, $defs: JSON.parse(JSON.stringify(definitions)) as object };
  return Object.keys(withoutUnusedDefinitions(given)['$defs'] ?? {});
};

test.each<[string, object, object, string[]]>([
  ['used by a reference', { a: text }, { properties: { x: { $ref: '#/$defs/a' } } }, ['a']],
  ['used by none', { a: text }, {}, []],
  ['used by another that is used', { a: { $ref: '#/$defs/b' }, b: text, c: text }, { items: { $ref: '#/$defs/a' } }, ['a', 'b']],
  ['used by another that is not', { a: { $ref: '#/$defs/b' }, b: text }, {}, []],
  ['used by itself alone', { a: { items: { $ref: '#/$defs/a' } } }, {}, []],
  ['used in its inside', { a: { properties: { x: text } } }, { items: { $ref: '#/$defs/a/properties/x' } }, ['a']],
  ['used by its anchor', { a: { $anchor: 'here' }, b: text }, { items: { $ref: '#here' } }, ['a']],
  ['used by an anchor inside', { a: { items: { $anchor: 'here' } }, b: text }, { items: { $ref: '#here' } }, ['a']],
  ['used by a dynamic reference', { a: { $dynamicAnchor: 'here' }, b: text }, { items: { $dynamicRef: '#here' } }, ['a']],
  ['with a slash in its name', { 'a/b': text, c: text }, { items: { $ref: '#/$defs/a~1b' } }, ['a/b']],
  ['percent-encoded', { 'a b': text, c: text }, { items: { $ref: '#/$defs/a%20b' } }, ['a b']],
  ['a reference to elsewhere', { a: text }, { items: { $ref: '#/properties/a' } }, []],
  ['a reference to the whole', { a: text }, { items: { $ref: '#' } }, []],
])('a shared definition %s: what stays', (_name, definitions, rest, names) => expect(keep(definitions, rest)).toEqual(names));

test('where all are used the schema is the same object, and what stays keeps its place', () => {
  const used = { type: 'object' as const, $defs: { a: text }, items: { $ref: '#/$defs/a' } };
  expect(withoutUnusedDefinitions(used)).toBe(used);
  const both = { $defs: { a: {}, b: text }, type: 'object' as const, definitions: { c: {} }, items: { $ref: '#/$defs/b' } };
  expect(JSON.stringify(withoutUnusedDefinitions(both))).toBe(
    '{"$defs":{"b":{"type":"string"}},"type":"object","items":{"$ref":"#/$defs/b"}}',
  );
  const noMap = { type: 'object' as const, $defs: [1] };
  expect(withoutUnusedDefinitions(noMap)).toBe(noMap);
});

const targets: Record<string, unknown> = { '#/s': text, '#/never': false };
const restrict = (node: unknown) =>
  restrictSchema(node, ['x', 1], (part, change) => {
    const changed = change(targets[String(part['$ref'])]);
    return changed === undefined ? part : (changed as JsonObject);
  });

test.each<[string, unknown, unknown, complete: boolean, places: number]>([
  ['a text', text, { type: 'string', enum: ['x', 1] }, true, 1],
  ['everything', true, { enum: ['x', 1] }, true, 1],
  ['nothing', false, false, false, 0],
  ['no schema', undefined, { enum: ['x', 1] }, true, 1],
  ['its own values', { enum: ['x', 'y'] }, { enum: ['x', 1] }, true, 1],
  ['its one value', { const: 'y', description: 'd' }, { description: 'd', enum: ['x', 1] }, true, 1],
  ['a default that stays allowed', { default: 'x' }, { default: 'x', enum: ['x', 1] }, true, 1],
  ['a default that does not', { default: 'y', examples: ['y'] }, { enum: ['x', 1] }, true, 1],
  [
    'the items of a list',
    { type: 'array', items: text, default: [] },
    { type: 'array', items: { type: 'string', enum: ['x', 1] } },
    true,
    1,
  ],
  ['a list of nothing said', { type: 'array' }, { type: 'array', items: { enum: ['x', 1] } }, false, 1],
  [
    'a list or a text',
    { type: ['array', 'string'], items: {} },
    { type: ['array', 'string'], items: { enum: ['x', 1] } },
    false,
    1,
  ],
  [
    'a list with positions',
    { prefixItems: [text], items: text },
    { prefixItems: [text], items: { type: 'string', enum: ['x', 1] } },
    false,
    1,
  ],
  ['a list of lists', { items: { items: text } }, { items: { items: { type: 'string', enum: ['x', 1] } } }, true, 1],
  ['alternatives of single values', { anyOf: [text, {}] }, { anyOf: [text, {}], enum: ['x', 1] }, true, 1],
  [
    'alternatives with a list',
    { anyOf: [{ items: {} }, { type: 'null' }] },
    { anyOf: [{ items: { enum: ['x', 1] } }, { type: 'null', enum: ['x', 1] }] },
    true,
    2,
  ],
  ['a reference', { $ref: '#/s' }, { type: 'string', enum: ['x', 1] }, true, 1],
  ['a reference to what is never taken', { $ref: '#/never' }, false, false, 0],
  ['a reference to nothing', { $ref: '#/none' }, { $ref: '#/none' }, true, 0],
])('restricted to two values: %s', (_name, node, expected, complete, places) => {
  const before = JSON.stringify(node);
  const restricted = restrict(node);
  expect(restricted.schema).toEqual(expected);
  expect([restricted.complete, restricted.places.length]).toEqual([complete, places]);
  expect(JSON.stringify(node)).toBe(before);
});

test('what is restricted is looked at over 32 levels, and 2,000 parts of it', () => {
  const buildNested = (levels: number): JsonObject => (levels === 0 ? {} : { items: buildNested(levels - 1) });
  expect([restrict(buildNested(32)).complete, restrict(buildNested(33)).complete]).toEqual([true, false]);
  const buildWide = (count: number) => ({ anyOf: Array.from({ length: count }, () => ({ items: false })) });
  expect(restrict(buildWide(999)).complete).toBe(false);
  expect(() => restrict(buildWide(1_000))).toThrow('too entangled');
});
