import fc from 'fast-check';
import { expect, test } from 'vitest';

import { listProseChanges } from '../../src/documents/prose.ts';
import { computeSteadyPin, getSteadyPin } from '../../src/documents/steady-pin.ts';
import { sortSets } from '../../src/schema/schema-sets.ts';
import { defineTool } from '../../src/testing/build.ts';

test.each([
  ['required', { required: ['b', 'a'] }, { required: ['a', 'b'] }],
  ['type', { type: ['string', 'null'] }, { type: ['null', 'string'] }],
  ['values of all types', { enum: ['b', { y: 1 }, 9, null] }, { enum: ['b', 9, null, { y: 1 }] }],
  ['values', { enum: ['b', 'a'] }, { enum: ['a', 'b'] }],
  ['below a name', { properties: { required: { enum: [2, 1] } } }, { properties: { required: { enum: [1, 2] } } }],
  ['below a list', { anyOf: [true, { required: ['b', 'a'] }] }, { anyOf: [true, { required: ['a', 'b'] }] }],
  ['below a schema', { items: { type: ['b', 'a'] }, not: { type: 'a' } }, { items: { type: ['a', 'b'] }, not: { type: 'a' } }],
])('a schema has its sets in one order: %s', (_, schema, sorted) => {
  expect(sortSets(schema)).toEqual(sorted);
  expect(sortSets(sorted)).toBe(sorted);
});

test.each([
  ['a default', { default: { required: ['b', 'a'], enum: ['b', 'a'] } }],
  ['a fixed value', { const: { type: ['b', 'a'] } }],
  ['an item of a set', { enum: [{ required: ['b', 'a'] }] }],
  ['examples', { examples: [{ enum: ['b', 'a'] }] }],
  ['what is no keyword', { 'x-order': ['b', 'a'], components: { schemas: { a: { required: ['b', 'a'] } } } }],
  ['alternatives, whose places are named', { anyOf: [{ type: 'string' }, { type: 'null' }] }],
  ['values that another list names by their places', { enum: ['b', 'a'], enumNames: ['Delete', 'Keep'] }],
  ['what is no list', { required: true, type: 'string', enum: { b: 1, a: 2 } }],
])('what is no set stays as it is: %s', (_, schema) => {
  expect(sortSets(schema)).toBe(schema);
});

test('whatever the order of a set, the steady pin is the same; of another set it is another', () => {
  const values = fc
    .array(fc.jsonValue({ maxDepth: 1 }), { minLength: 1, maxLength: 6 })
    .map((list) => [...new Map(list.map((value) => [JSON.stringify(value), value])).values()]);
  const shuffled = values.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })));
  const pin = (list: readonly unknown[]) => computeSteadyPin('tool', makeTool(list));
  const makeTool = (list: readonly unknown[]) =>
    defineTool('find', { inputSchema: { type: 'object', properties: { a: { enum: list } } } });
  fc.assert(
    fc.property(shuffled, ([list, other]) => {
      expect(pin(other)).toBe(pin(list));
      expect(listProseChanges('tool', makeTool(list), makeTool(other))).toEqual([]);
      expect(pin([...list, 'one that is not there'])).not.toBe(pin(list));
    }),
  );
});

test('the pin of an approved definition stays; only what it is compared with is in one order', () => {
  const definition = defineTool('find', { inputSchema: { type: 'object', required: ['b', 'a'] } });
  const inOrder = defineTool('find', { inputSchema: { type: 'object', required: ['a', 'b'] } });
  const approved = { kind: 'tool' as const, pin: 'as-approved', definition };
  expect(getSteadyPin(approved)).toBe(computeSteadyPin('tool', inOrder));
  expect(approved.pin).toBe('as-approved');
});
