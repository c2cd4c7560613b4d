import { expect, test } from 'vitest';

import { checkEntry } from '../../src/limits/entry-limits.ts';
import { toShownName } from '../../src/names/shown-name.ts';
import { defineTool } from '../../src/testing/build.ts';

test('a name that is too long is called so', () => {
  expect(checkEntry('tool', { ...defineTool('x'.repeat(5_000)) })).toEqual({
    ok: false,
    name: 'one with a name of 5,000 characters',
    problem: 'its name is longer than 2,048',
    problems: expect.arrayContaining([{ pointer: null, keyword: null, reason: 'its name is longer than 2,048' }]),
  });
  expect(checkEntry('tool', null)).toMatchObject({ ok: false, problem: 'it is not a tool definition (no object)' });
});

test('a name in a message keeps its script, and nothing in it hides, breaks the line or turns text round', () => {
  expect(toShownName('注文 عربي 😀 a b')).toBe('注文 عربي 😀 a b');
  expect(toShownName('a\u202Eb\u0000c\u001Bd\u200Be\u2028f\u00A0g\nh')).toBe('abce?f g?h');
  expect(toShownName(`${'a'.repeat(63)}😀`)).toBe(`${'a'.repeat(63)}😀`);
});
