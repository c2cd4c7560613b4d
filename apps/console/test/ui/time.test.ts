import { expect, test } from 'vitest';

import { formatAge, formatElapsed, formatSpan } from '../../src/ui/text/time.ts';

const NOW = Date.parse('2026-11-02T12:00:00Z');
const formatAgo = (ms: number) => formatAge(new Date(NOW - ms), NOW);

test('an age has one unit, the largest that fits', () => {
  expect(formatAgo(14_000)).toBe('14 s ago');
  expect(formatAgo(3 * 60_000 + 59_000)).toBe('3 min ago');
  expect(formatAgo(2 * 3_600_000)).toBe('2 h ago');
  expect(formatAgo(5 * 86_400_000)).toBe('5 d ago');
});

test('what just happened is now, also when the clocks differ a little', () => {
  expect(formatAgo(0)).toBe('now');
  expect(formatAgo(-900)).toBe('now');
  expect(formatAgo(-42 * 60_000)).toBe('in 42 min');
});

test('a span is never negative and a clock has two digits of seconds', () => {
  expect(formatSpan(-5)).toBe('0 s');
  expect(formatElapsed(24_900)).toBe('0:24');
  expect(formatElapsed(725_000)).toBe('12:05');
});
