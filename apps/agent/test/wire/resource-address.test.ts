import { expect, test } from 'vitest';

import { coversResource } from '../../src/wire/resource-address.ts';

test.each([
  ['file:///notes', 'file:///notes', true],
  ['file:///notes', 'file:///notes/today.md', true],
  ['file:///notes', 'file:///notes/2026/today.md', true],
  ['file:///notes/', 'file:///notes/today.md', true],
  ['file:///notes', 'file:///notes-2', false],
  ['file:///notes', 'file:///notes.md', false],
  ['file:///notes/today.md', 'file:///notes', false],
  ['file:///notes', 'file:///other', false],
])('a subscription to %s covers %s: %s', (subscribed, updated, expected) => {
  expect(coversResource(subscribed, updated)).toBe(expected);
});
