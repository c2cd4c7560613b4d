import { expect, test } from 'vitest';

import { isStorable, toStorableText } from '../src/storable.ts';

test.each(['plain', 'Ökonom 🐙', '[^\\u0000-\\u001f]', '\n\t'])('%j is kept', (text) => {
  expect(isStorable({ [text]: [text] })).toBe(true);
  expect(toStorableText(text)).toBe(text);
});

test.each(['a\0b', '\ud800', 'x\udfffy'])('%j is not: the database would refuse it', (text) => {
  expect(isStorable({ deep: [{ [text]: 1 }] })).toBe(false);
  expect(isStorable([text])).toBe(false);
  expect(isStorable(toStorableText(text))).toBe(true);
});
