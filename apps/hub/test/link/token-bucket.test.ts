import { expect, test } from 'vitest';

import { TokenBucket } from '../../src/link/token-bucket.ts';

test('T-07: a burst is allowed, then only the steady rate', () => {
  const bucket = new TokenBucket({ burst: 3, perSecond: 2, now: 1_000 });
  expect([1, 2, 3, 4].map(() => bucket.take(1, 1_000))).toEqual([true, true, true, false]);
  expect(bucket.take(1, 1_400)).toBe(false);
  expect(bucket.take(1, 1_500)).toBe(true);
  expect(bucket.take(1, 1_600)).toBe(false);
});

test('T-07: what is not used does not add up beyond the burst', () => {
  const bucket = new TokenBucket({ burst: 3, perSecond: 2, now: 0 });
  expect(bucket.take(4, 1_000_000)).toBe(false);
  expect(bucket.take(3, 1_000_000)).toBe(true);
});

test('a clock that is set back gives nothing', () => {
  const bucket = new TokenBucket({ burst: 1, perSecond: 1, now: 10_000 });
  expect(bucket.take(1, 10_000)).toBe(true);
  expect(bucket.take(1, 5_000)).toBe(false);
  expect(bucket.take(1, 6_000)).toBe(true);
});
