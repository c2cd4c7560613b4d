import { expect, test } from 'vitest';

import { hasFairRoom } from '../../src/limits/fair-share.ts';

test.each([
  ['the first takes all', 10, { most: 10, used: 0, own: 0 }, true],
  ['the first takes no more than there is', 11, { most: 10, used: 0, own: 0 }, false],
  ['the first takes the rest', 3, { most: 10, used: 7, own: 0 }, true],
  ['one alone takes half', 1, { most: 10, used: 4, own: 4 }, true],
  ['one alone takes no more than half', 2, { most: 10, used: 4, own: 4 }, false],
  ['beside others less', 2, { most: 10, used: 6, own: 1 }, false],
  ['beside others as much as is left', 2, { most: 10, used: 5, own: 1 }, true],
  ['nothing is left', 1, { most: 10, used: 10, own: 0 }, false],
])('%s', (_what, more, shared, has) => {
  expect(hasFairRoom(more, shared)).toBe(has);
});
