import { createSecretKey, randomBytes } from 'node:crypto';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { fingerprint } from '../src/fingerprint.ts';
import { recordArguments, recordResult } from '../src/record.ts';
import { createRedactor } from '../src/redact.ts';
import { walkFields } from '../src/shape.ts';

const siteKey = createSecretKey(randomBytes(32));
const redactor = createRedactor({ secrets: ['held-credential-value'] });
const schema = {
  type: 'object',
  properties: {
    order_id: { type: 'string' },
    status: { enum: ['open', 'shipped-to-customer'] },
    express: { type: 'boolean' },
    amount: { type: 'number' },
    note: { type: 'string' },
    password: { type: 'string' },
    items: { type: 'array', items: { $ref: '#/$defs/item' } },
    'a/b~c': { type: 'string' },
    free: { type: 'object' },
    choice: {
      anyOf: [{ type: 'object', properties: { left: { type: 'string' } } }, { properties: { right: { type: 'string' } } }],
    },
  },
  $defs: { item: { type: 'object', properties: { sku: { type: 'string' }, parent: { $ref: '#/$defs/item' } } } },
};

function record(value: unknown, marked: string[] = [], from: unknown = schema) {
  return recordArguments({ value, schema: from, marked, siteKey, redactor });
}
const findField = (value: unknown, pointer: string) => record(value).fields.find((field) => field.pointer === pointer);

test('T-28: a credential that lies across the marked items of a list leaves in none of them', () => {
  const list = { type: 'object', properties: { list: { type: 'array', items: { type: ['integer', 'string'] } } } };
  const secret = 'held-credential-value';
  for (const items of [[...Buffer.from(secret)], Array.from(secret)]) {
    const { logged } = record({ list: items }, ['/list/*'], list);
    expect(logged).toHaveLength(secret.length);
    expect(new Set(logged.map(({ value }) => value))).toEqual(new Set(['[redacted:credential]']));
  }
  const item = { type: 'object', properties: { at: { type: 'integer' }, letter: { type: 'string' } } };
  const rows = { type: 'object', properties: { rows: { type: 'array', items: item } } };
  const spread = Array.from(secret, (letter, at) => ({ at, letter }));
  const { logged: apart } = record({ rows: spread }, ['/rows/*/at', '/rows/*/letter'], rows);
  expect(apart).toHaveLength(2 * secret.length);
  expect(new Set(apart.map(({ value }) => value))).toEqual(new Set(['[redacted:credential]']));
  expect(record({ list: [1, 2, 3] }, ['/list/*'], list).logged.map(({ value }) => value)).toEqual([1, 2, 3]);
});

test.each([80, 300])('T-28: nor does the beginning of one with %i letters, of which a receipt holds fewer', (length) => {
  const secret = Buffer.from('held-credential-value'.repeat(20)).toString('base64').slice(0, length);
  const list = { type: 'object', properties: { list: { type: 'array', items: { type: 'string' } } } };
  const held = createRedactor({ secrets: [secret] });
  for (const items of [Array.from(secret), ['before', ...Array.from(secret)]]) {
    const recorded = recordArguments({ value: { list: items }, schema: list, marked: ['/list/*'], siteKey, redactor: held });
    expect(recorded.truncated).toBe(true);
    expect(recorded.logged.length).toBeGreaterThan(0);
    expect(new Set(recorded.logged.map(({ value }) => value))).toEqual(new Set(['[redacted:credential]']));
  }
});

describe('shapes', () => {
  test('give path, type, size and a keyed fingerprint of every declared leaf, and no value', () => {
    const value = { order_id: 'ORD-8841-X', items: [{ sku: 'lamp-green' }, { sku: 'lamp-green' }], 'a/b~c': 'value' };
    expect(record(value).fields).toEqual([
      { pointer: '/order_id', type: 'string', size: 10, fingerprint: fingerprint(siteKey, '/order_id', 'ORD-8841-X') },
      { pointer: '/items', type: 'array', size: 2 },
      { pointer: '/items/*', type: 'object', size: 1 },
      { pointer: '/items/*/sku', type: 'string', size: 10, fingerprint: fingerprint(siteKey, '/items/*/sku', 'lamp-green') },
      { pointer: '/items/*', type: 'object', size: 1 },
      { pointer: '/items/*/sku', type: 'string', size: 10, fingerprint: fingerprint(siteKey, '/items/*/sku', 'lamp-green') },
      { pointer: '/a~1b~0c', type: 'string', size: 5, fingerprint: fingerprint(siteKey, '/a~1b~0c', 'value') },
    ]);
  });

  test('booleans, null, enumerated values, small numbers and very short text get no fingerprint', () => {
    const value = { express: true, status: 'shipped-to-customer', amount: 8841, order_id: '884', note: null };
    for (const field of record(value).fields) expect(field, field.pointer).not.toHaveProperty('fingerprint');
    expect(findField({ order_id: '123456' }, '/order_id')).not.toHaveProperty('fingerprint');
    expect(findField({ amount: 4_111_111_111 }, '/amount')).toHaveProperty('fingerprint');
  });

  test('a number that no double keeps is recorded by all of its digits', () => {
    const exact = (digits: string): unknown => JSON.rawJSON?.(digits);
    const of = (digits: string) => findField({ amount: exact(digits) }, '/amount');
    expect(of('725653563933458437')).toMatchObject({ type: 'number', fingerprint: expect.any(String) });
    expect(of('725653563933458437')).not.toEqual(of('725653563933458438'));
    expect(record({ amount: exact('725653563933458437') }, ['/amount']).logged).toEqual([
      { pointer: '/amount', value: '725653563933458437', redacted: false },
    ]);
    expect(record({ amount: exact('4111111111111111111') }).fields).toHaveLength(1);
  });

  test('undeclared keys leave only as fingerprints of their names, with nothing of what is below', () => {
    const recorded = record({ surprise: { deep: 'secret-word' }, free: { anything: 1 }, choice: { left: 'here', middle: 'x' } });
    expect(recorded.fields).toEqual([
      { pointer: '', type: 'undeclared', fingerprint: fingerprint(siteKey, '', 'surprise') },
      { pointer: '/free', type: 'object', size: 1 },
      { pointer: '/free', type: 'undeclared', fingerprint: fingerprint(siteKey, '/free', 'anything') },
      { pointer: '/choice', type: 'object', size: 2 },
      { pointer: '/choice/left', type: 'string', size: 4, fingerprint: fingerprint(siteKey, '/choice/left', 'here') },
      { pointer: '/choice', type: 'undeclared', fingerprint: fingerprint(siteKey, '/choice', 'middle') },
    ]);
    expect(JSON.stringify(recorded)).not.toMatch(/surprise|deep|secret-word|anything|middle/);
  });

  test('a recursive schema and a deep value end, and say that something is missing where it is', () => {
    let value: Record<string, unknown> = { sku: 'innermost' };
    for (let depth = 0; depth < 200; depth += 1) value = { sku: 'x', parent: value };
    const { fields } = record({ items: [value] });
    expect(fields.at(-1)?.type).toBe('undeclared');
    for (const { pointer } of fields) expect(pointer.split('/').length).toBeLessThanOrEqual(17);
  });

  test('more than 256 fields are cut and marked so', () => {
    const many = record({ items: Array.from({ length: 500 }, () => ({ sku: 'x' })) });
    expect([many.fields.length, many.truncated]).toEqual([256, true]);
    expect(record({ order_id: 'x' }).truncated).toBe(false);
  });

  test('keys like __proto__ are undeclared like any other', () => {
    const value = JSON.parse('{"__proto__":{"order_id":"polluted"},"constructor":"x"}') as unknown;
    expect([...walkFields(value, schema)].map(({ shape }) => shape.type)).toEqual(['undeclared', 'undeclared']);
  });

  test('bytes are those of the JSON', () => {
    expect(record({ order_id: 'ä' }).bytes).toBe(Buffer.byteLength('{"order_id":"ä"}'));
  });
});

test('T-73: without a mark no value and no undeclared key leaves, whatever the arguments and the schema', () => {
  const canary = fc.stringMatching(/^[A-Za-z]{3}canary[A-Za-z0-9]{4,20}$/);
  const value = fc.letrec((tie) => ({
    any: fc.oneof({ maxDepth: 4 }, canary, fc.boolean(), tie('list'), tie('object')),
    list: fc.array(tie('any'), { maxLength: 4 }),
    object: fc.dictionary(fc.oneof(canary, fc.constantFrom('order_id', 'note', 'items', 'free')), tie('any'), { maxKeys: 5 }),
  })).object;
  fc.assert(
    fc.property(value, fc.constantFrom<unknown>(schema, {}, null, { properties: 7 }), (args, from) => {
      const recorded = record(args, [], from);
      expect(JSON.stringify(recorded)).not.toContain('canary');
      for (const { pointer } of recorded.fields) expect(pointer).toMatch(/^(?:\/[^/]{1,128}){0,16}$/);
    }),
    { numRuns: 500 },
  );
});

describe('marked values', () => {
  test('are logged after redaction; the others are not', () => {
    const value = {
      order_id: 'ORD-8841',
      note: 'call ada@example.com',
      amount: 12.5,
      express: false,
      items: [{ sku: 'a' }, { sku: 'b' }],
    };
    expect(record(value, ['/order_id', '/note', '/amount', '/express', '/items/*/sku', '/items']).logged).toEqual([
      { pointer: '/order_id', value: 'ORD-8841', redacted: false },
      { pointer: '/note', value: 'call [redacted:email]', redacted: true },
      { pointer: '/amount', value: 12.5, redacted: false },
      { pointer: '/express', value: false, redacted: false },
      { pointer: '/items/*/sku', value: 'a', redacted: false },
      { pointer: '/items/*/sku', value: 'b', redacted: false },
    ]);
    expect(record({ order_id: 'ORD-8841' }).logged).toEqual([]);
  });

  test('never hold a held credential, a card number, a token or a field with a secret’s name', () => {
    const planted = ['x held-credential-value y', 'card 4111 1111 1111 1111', `ghp${'_'}q7Wz2Lx9Rt4Vb6Nm1Kp8Jd3Hf5Gs0YcaB3d`];
    for (const note of planted) {
      const [field] = record({ note }, ['/note']).logged;
      expect(field?.redacted).toBe(true);
      expect(field?.value).toMatch(/\[redacted:(credential|card|token)\]/);
    }
    expect(record({ password: 'plain' }, ['/password']).logged).toEqual([
      { pointer: '/password', value: '[redacted:key-name]', redacted: true },
    ]);
    expect(record({ amount: 4_111_111_111_111_111 }, ['/amount']).logged).toEqual([
      { pointer: '/amount', value: '[redacted:card]', redacted: true },
    ]);
  });

  test('a value whose redaction fails is dropped, and the receipt is still made', () => {
    const broken = {
      redact: () => {
        throw new Error('planted');
      },
    };
    const recorded = recordArguments({ value: { note: 'private' }, schema, marked: ['/note'], siteKey, redactor: broken });
    expect(recorded.logged).toEqual([{ pointer: '/note', value: '[redaction-error]', redacted: true }]);
    expect(JSON.stringify(recorded)).not.toContain('private');
  });

  test('a mark on an undeclared key logs nothing', () => {
    expect(record({ surprise: 'value', free: { x: 'value' } }, ['/surprise', '/free/x', '', '/free']).logged).toEqual([]);
  });

  test('long values are cut after redaction, very long ones dropped; halves of characters and NUL never leave', () => {
    const long = record({ note: `${'word '.repeat(199)}held-credential-value ${'word '.repeat(100)}` }, ['/note']).logged[0];
    expect(String(long?.value)).toHaveLength(1_000);
    expect(long?.value).not.toContain('held');
    expect(record({ note: 'a'.repeat(70_000) }, ['/note']).logged[0]?.value).toBe('[redacted:too-long]');
    const odd = record({ note: `a\0b\uD800${'é'.repeat(990)}😀😀😀😀😀` }, ['/note']).logged[0]?.value;
    expect(String(odd).isWellFormed()).toBe(true);
    expect(odd).not.toContain('\0');
  });
});

describe('results', () => {
  const outputSchema = { type: 'object', properties: { order_id: { type: 'string' } } };
  const result = (value: unknown, marked: string[] = []) =>
    recordResult({ value, schema: outputSchema, marked, siteKey, redactor });

  test('are told by kinds and sizes; only marked structured fields show their value', () => {
    const value = {
      content: [
        { type: 'text', text: 'Order 8841 is on its way' },
        { type: 'image', data: 'AAAA', mimeType: 'image/png' },
        { type: 'resource', resource: { uri: 'file:///x', text: 'hello', mimeType: 'text/plain; charset=utf-8' } },
      ],
      structuredContent: { order_id: 'ORD-8841', other: 'x' },
    };
    expect(result(value, ['/order_id'])).toEqual({
      isError: false,
      content: [
        { type: 'text', size: 24 },
        { type: 'image', size: 4, mimeType: 'image/png' },
        { type: 'resource', size: 5, mimeType: 'text/plain' },
      ],
      structured: [
        { pointer: '/order_id', type: 'string', size: 8, fingerprint: fingerprint(siteKey, '/order_id', 'ORD-8841') },
        { pointer: '', type: 'undeclared', fingerprint: fingerprint(siteKey, '', 'other') },
      ],
      logged: [{ pointer: '/order_id', value: 'ORD-8841', redacted: false }],
      bytes: Buffer.byteLength(JSON.stringify(value)),
      truncated: false,
    });
  });

  test('T-73: an upstream cannot pass values off as types', () => {
    const value = {
      isError: true,
      content: [{ type: 'canary', text: 'x', mimeType: 'canary/canary' }, 'canary', null, 7],
      structuredContent: 'canary',
    };
    const recorded = result(value);
    expect(JSON.stringify(recorded)).not.toContain('canary');
    expect(recorded.content.map(({ type }) => type)).toEqual(['other', 'other', 'other', 'other']);
    expect(recorded.isError).toBe(true);
  });

  test('anything at all can be recorded', () => {
    for (const value of [
      null,
      7,
      'text',
      [],
      {},
      { content: 'no list' },
      { content: Array.from({ length: 100 }, () => ({ type: 'text', text: '' })) },
    ])
      expect(result(value).content.length).toBeLessThanOrEqual(64);
  });
});

describe('fingerprints', () => {
  test('are equal for equal values at one path, and for nothing else', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.jsonValue(), fc.jsonValue(), (path, otherPath, value, other) => {
        const same = path === otherPath && JSON.stringify(value) === JSON.stringify(other);
        expect(fingerprint(siteKey, path, value) === fingerprint(siteKey, otherPath, other)).toBe(same);
        expect(fingerprint(siteKey, path, value)).toMatch(/^[0-9a-f]{32}$/);
        expect(fingerprint(createSecretKey(randomBytes(32)), path, value)).not.toBe(fingerprint(siteKey, path, value));
      }),
    );
  });
});
