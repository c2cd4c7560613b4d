import { expect, test } from 'vitest';

import { describeAtField } from '../../src/ui/form/field-words.ts';

test.each([
  ['transport.url: must have at most 2048 characters', 'transport.url', 'Must have at most 2048 characters.'],
  ['name: Give it the name people know.', 'name', 'Give it the name people know.'],
  ['"Orders" is taken: choose another name.', 'name', '"Orders" is taken: choose another name.'],
  ['transport.url: must not be empty', 'url', 'transport.url: must not be empty'],
])('%j at %s is said as %j', (message, field, said) => {
  expect(describeAtField(message, field)).toBe(said);
});
