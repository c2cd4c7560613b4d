import { expect, test } from 'vitest';

import { ConfigInvalid } from '../../src/compile/compile-snapshot.ts';
import { formatSome } from '../../src/names/some-of.ts';

test('a list that is not told whole says how much more there is', () => {
  expect(formatSome([])).toBe('');
  expect(formatSome(['a', 'b'])).toBe('a, b');
  expect(formatSome(['a', 'b', 'c', 'd', 'e'], '; ')).toBe('a; b; c; d; e');
  expect(formatSome('a b c d e f g h'.split(' '))).toBe('a, b, c, d, e and 3 more');
  expect(new ConfigInvalid('a b c d e f g'.split(' ')).message).toBe(
    'The configuration contradicts itself: a; b; c; d; e and 2 more',
  );
});
