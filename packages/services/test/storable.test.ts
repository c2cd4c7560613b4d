import { expect, test } from 'vitest';
import { z } from 'zod';

import { parseInput } from '../src/errors.ts';
import { findUnstorable, isStorable, toStorableText } from '../src/storable.ts';

test.each(['plain', 'Ökonom 🐙', '[^\\u0000-\\u001f]', '\n\t'])('%j is kept', (text) => {
  expect(isStorable({ [text]: [text] })).toBe(true);
  expect(toStorableText(text)).toBe(text);
});

test.each(['a\0b', '\ud800', 'x\udfffy'])('%j is not: the database would refuse it', (text) => {
  expect(isStorable({ deep: [{ [text]: 1 }] })).toBe(false);
  expect(isStorable([text])).toBe(false);
  expect(isStorable(toStorableText(text))).toBe(true);
});

test('what cannot be stored is named with its place', () => {
  const deep = Array.from({ length: 500 }).reduce<unknown>((inner) => [inner], 'x');
  expect(findUnstorable({ draft: { entries: [{ name: 'a\0b' }] } })).toMatchObject({ path: 'draft.entries.0.name' });
  expect(findUnstorable({ 'a\0b': 1 })).toMatchObject({ path: '' });
  expect(findUnstorable({ deep })?.problem).toMatch(/nested/);
  for (const text of ['0000-12-31T23:59:59Z', '-000001-01-01T00:00:00Z', '+010000-01-01T00:00:00Z', 'no time'])
    expect(findUnstorable({ at: new Date(text) })?.path, text).toBe('at');
  expect(findUnstorable({ at: new Date('0001-01-01T00:00:00Z'), until: new Date('9999-12-31T23:59:59Z') })).toBeNull();
});

test('the input of a verb has to be storable, and the error names the field', () => {
  const schema = z.strictObject({ name: z.string(), from: z.iso.datetime().transform((text) => new Date(text)) });
  const parse = (input: unknown) => () => parseInput(schema, input);
  expect(parse({ name: 'a\0', from: '2026-11-02T10:00:00Z' })).toThrow(
    expect.objectContaining({ code: 'invalid', field: 'name' }),
  );
  expect(parse({ name: 'a', from: '0000-01-01T00:00:00Z' })).toThrow(expect.objectContaining({ code: 'invalid', field: 'from' }));
  expect(parse({ name: 7 })).toThrow(expect.objectContaining({ code: 'invalid', field: 'name' }));
});
