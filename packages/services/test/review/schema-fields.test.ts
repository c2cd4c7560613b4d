import { expect, test } from 'vitest';

import { hasScalarField, type JsonSchema, listScalarFields } from '../../src/review/schema-fields.ts';

const schema: JsonSchema = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    customer: { $ref: '#/$defs/customer' },
    lines: {
      type: 'array',
      items: { type: 'object', properties: { sku: { type: 'string' }, tags: { type: 'array', items: { type: 'string' } } } },
    },
    either: {
      anyOf: [
        { type: 'object', properties: { left: { type: 'number' } } },
        { type: 'object', properties: { right: { type: 'boolean' } } },
      ],
    },
    'a/b~c': { type: ['string', 'null'] },
    anything: {},
  },
  $defs: { customer: { type: 'object', properties: { name: { type: 'string' }, parent: { $ref: '#/$defs/customer' } } } },
};

test('finds every single value by its pointer, through references, arrays and alternatives', () => {
  const pointers = listScalarFields(schema).map(({ pointer }) => pointer);
  expect(pointers).toEqual(
    expect.arrayContaining([
      '/id',
      '/customer/name',
      '/customer/parent/name',
      '/lines/*/sku',
      '/lines/*/tags/*',
      '/either/left',
      '/either/right',
      '/a~1b~0c',
    ]),
  );
  expect(pointers).not.toContain('/lines');
  expect(pointers).not.toContain('/anything');
});

test.each(['/id', '/customer/parent/parent/name', '/lines/*/sku', '/either/right', '/a~1b~0c'])('%s exists', (pointer) => {
  expect(hasScalarField(schema, pointer)).toBe(true);
});

test.each(['', '/', '/nope', '/customer', '/lines/0/sku', '/id/deeper', '/__proto__', '/constructor/name', '/a/b~c'])(
  '"%s" does not',
  (pointer) => {
    expect(hasScalarField(schema, pointer)).toBe(false);
  },
);

test('T-57: a schema that refers to itself everywhere ends', () => {
  const loop: JsonSchema = { anyOf: [{ $ref: '#' }, { $ref: '#/anyOf/0' }], properties: { a: { $ref: '#' }, b: { $ref: '#' } } };
  expect(listScalarFields(loop)).toEqual([]);
  expect(hasScalarField(loop, `/a${'/b'.repeat(15)}`)).toBe(false);
});

test('T-57: a wide schema that refers to itself ends too', () => {
  const wide: JsonSchema = { properties: Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`p${at}`, { $ref: '#' }])) };
  expect(listScalarFields(wide)).toEqual([]);
});

test('a property that is called like the wildcard cannot be pointed at', () => {
  const star: JsonSchema = { properties: { '*': { type: 'string' }, list: { items: { type: 'string' } } } };
  expect(listScalarFields(star).map(({ pointer }) => pointer)).toEqual(['/list/*']);
  expect(hasScalarField(star, '/*')).toBe(false);
});
