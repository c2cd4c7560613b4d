import { expect, test } from 'vitest';

import { ServiceError } from '../src/errors.ts';
import { createSlug } from '../src/slug.ts';

test.each([
  ['Order Desk (EU)', 'order-desk-eu'],
  ['  Ärzte & Ørsted ', 'arzte-rsted'],
  ['x'.repeat(60), 'x'.repeat(40)],
  [`${'a'.repeat(39)} b`, 'a'.repeat(39)],
])('%s', (name, slug) => {
  expect(createSlug(name)).toBe(slug);
});

test.each(['', '…', '注文'])('nothing can be made from %j', (name) => {
  expect(() => createSlug(name)).toThrow(ServiceError);
  expect(() => createSlug(name)).toThrow(expect.objectContaining({ code: 'invalid', field: 'slug' }));
});
