import { expect, test } from 'vitest';

import { buildArgumentTree, walkArguments } from '../../src/features/profile/arguments/argument-tree.ts';

const flattenTree = (schema: Record<string, unknown>) =>
  [...walkArguments(buildArgumentTree(schema))].map(({ pointer, type, required }) => `${pointer} ${type}${required ? ' !' : ''}`);

test('nested objects, lists of objects, types and required marks', () => {
  const schema = {
    type: 'object',
    properties: {
      amount: { type: 'number' },
      filter: {
        type: 'object',
        properties: { region: { enum: ['eu', 'us'] }, tag: { type: ['string', 'null'] } },
        required: ['region'],
      },
      lines: { type: 'array', items: { type: 'object', properties: { sku: { type: 'string' } }, required: ['sku'] } },
      labels: { type: 'array', items: { type: 'string', enum: ['a', 'b'] } },
    },
    required: ['amount'],
  };
  expect(flattenTree(schema)).toEqual([
    '/amount number !',
    '/filter object',
    '/filter/region one of a list !',
    '/filter/tag string or null',
    '/lines list of object',
    '/lines/sku string !',
    '/labels list of string',
  ]);
  const byPointer = new Map([...walkArguments(buildArgumentTree(schema))].map((node) => [node.pointer, node]));
  expect(byPointer.get('/filter/region')).toMatchObject({ valueKind: 'choice', options: ['eu', 'us'], restrictable: true });
  expect(byPointer.get('/filter')).toMatchObject({ valueKind: 'json', restrictable: false });
  // A rule on a list of single values holds for its items, so their values can be chosen; its own value is a list.
  expect(byPointer.get('/labels')).toMatchObject({ valueKind: 'json', options: ['a', 'b'], restrictable: true });
});

test('names with a slash or a tilde are written as a JSON Pointer', () => {
  expect(flattenTree({ type: 'object', properties: { 'a/b': { type: 'object', properties: { '~c': {} } } } })).toEqual([
    '/a~1b object',
    '/a~1b/~0c anything',
  ]);
});

test('local references and alternatives are followed; what an alternative asks for is not required', () => {
  const schema = {
    type: 'object',
    $defs: { place: { type: 'object', properties: { city: { type: 'string', description: 'Where.' } }, required: ['city'] } },
    properties: { to: { $ref: '#/$defs/place' } },
    allOf: [{ properties: { note: { type: 'string' } }, required: ['note'] }],
    oneOf: [{ properties: { id: { type: 'integer' } }, required: ['id'] }],
  };
  expect(flattenTree(schema)).toEqual(['/to object', '/to/city string !', '/note string !', '/id integer']);
});

test('a definition that refers to itself ends, and so does a schema that fans out without end', () => {
  const node = { type: 'object', properties: { name: { type: 'string' }, child: { $ref: '#/$defs/node' } } };
  expect(flattenTree({ type: 'object', $defs: { node }, properties: { root: { $ref: '#/$defs/node' } } })).toEqual([
    '/root object',
    '/root/name string',
    '/root/child object',
  ]);
  const wide = (levels: number): Record<string, unknown> => ({
    type: 'object',
    $defs: Object.fromEntries(
      Array.from({ length: levels }, (_, level) => [
        `l${level}`,
        {
          type: 'object',
          properties: Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, { $ref: `#/$defs/l${level + 1}` }])),
        },
      ]),
    ),
    properties: { start: { $ref: '#/$defs/l0' } },
  });
  expect(flattenTree(wide(12)).length).toBeLessThanOrEqual(1_000);
});
