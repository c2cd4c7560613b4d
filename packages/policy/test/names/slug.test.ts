import { expect, test } from 'vitest';

import { toSlug } from '../../src/names/slug.ts';

test('slugs are lower case, without accents or outer hyphens, 40 characters at most', () => {
  expect(toSlug(' Süpport – Triage! ')).toBe('support-triage');
  expect(toSlug('a'.repeat(39) + ' b')).toBe('a'.repeat(39));
});
