import { expect, test } from 'vitest';

import { dropAbsentFields, dropNulls } from '../../src/documents/absent-fields.ts';
import { checkEntry } from '../../src/limits/entry-limits.ts';

const object = { type: 'object', properties: { a: { type: 'string' } } };

test.each<[name: string, raw: object, kept: object]>([
  ['a description', { description: null }, {}],
  ['a title', { title: null }, {}],
  ['annotations', { annotations: null }, {}],
  ['one hint', { annotations: { readOnlyHint: true, destructiveHint: null } }, { annotations: { readOnlyHint: true } }],
  ['an output schema', { outputSchema: null }, {}],
  ['icons', { icons: null }, {}],
  ['a field of an icon', { icons: [{ src: 'x:y', sizes: null }] }, { icons: [{ src: 'x:y' }] }],
  ['_meta', { _meta: null }, {}],
  ['how it runs', { execution: { taskSupport: null } }, { execution: {} }],
  ['required of a schema', { outputSchema: { ...object, required: null } }, { outputSchema: object }],
])('null in place of %s is its absence: the tool is one as if nothing stood there', (_name, raw, kept) => {
  const whole = dropAbsentFields('tool', { name: 't', inputSchema: object, ...raw });
  expect(whole).toEqual({ name: 't', inputSchema: object, ...kept });
  expect(checkEntry('tool', whole)).toEqual(checkEntry('tool', { name: 't', inputSchema: object, ...kept }));
  expect(checkEntry('tool', whole).ok).toBe(true);
});

test('null stays where it is a value: inside of schemas, and in what the protocol does not know', () => {
  const raw = {
    name: 't',
    inputSchema: { type: 'object', properties: { a: { enum: ['x', null], default: null } } },
    _meta: { vendor: null },
    vendor: null,
  };
  expect(dropAbsentFields('tool', raw)).toBe(raw);
});

test('prompts, resources and templates likewise', () => {
  const named = { name: 'n', title: null, description: null, icons: null, _meta: null };
  const prompt = { ...named, arguments: [{ name: 'a', description: null, required: null }] };
  expect(dropAbsentFields('prompt', prompt)).toEqual({ name: 'n', arguments: [{ name: 'a' }] });
  expect(dropAbsentFields('prompt', { name: 'n', arguments: null })).toEqual({ name: 'n' });
  for (const kind of ['resource', 'template'] as const) {
    const raw = { ...named, uri: 'a:b', mimeType: null, size: null, annotations: { priority: null, lastModified: null } };
    expect(dropAbsentFields(kind, raw)).toEqual({ name: 'n', uri: 'a:b', annotations: {} });
  }
});

test('what is no object of the expected form passes as it is, and keys such as __proto__ stay keys', () => {
  for (const value of [null, 5, 'text', [null], undefined]) expect(dropNulls(value, { a: true })).toEqual(value);
  expect(dropNulls({ a: 'text' }, { a: { b: true } })).toEqual({ a: 'text' });
  const hostile: unknown = JSON.parse('{"__proto__":{"polluted":1},"a":null}');
  const kept = dropNulls(hostile, { a: true });
  expect(JSON.stringify(kept)).toBe('{"__proto__":{"polluted":1}}');
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});
