import { expect, test } from 'vitest';

import { Backoff } from '../src/backoff.ts';

const TIMES = { baseMs: 1_000, capMs: 60_000 };
const take = (backoff: Backoff, count: number) => Array.from({ length: count }, () => Math.round(backoff.takeDelay()));

test('the bound of a wait doubles up to its cap and stays there', () => {
  const backoff = new Backoff({ ...TIMES, random: () => 1 });
  expect(take(backoff, 8)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  expect(take(backoff, 2_000).at(-1)).toBe(60_000);
});

test('a success makes the next wait the shortest again', () => {
  const backoff = new Backoff({ ...TIMES, random: () => 1 });
  take(backoff, 5);
  backoff.reset();
  expect(take(backoff, 2)).toEqual([1_000, 2_000]);
});

test('half of a wait is random unless another share is asked for', () => {
  const shortest = { ...TIMES, random: () => 0 };
  expect(new Backoff(shortest).takeDelay()).toBe(500);
  expect(new Backoff({ ...shortest, jitter: 1 }).takeDelay()).toBe(0);
  expect(new Backoff({ ...shortest, jitter: 0 }).takeDelay()).toBe(1_000);
});

test('what the other side asks for takes the place of the first bound, within the cap', () => {
  const backoff = new Backoff({ ...TIMES, random: () => 1 });
  expect([backoff.takeDelay(5_000), backoff.takeDelay(5_000), backoff.takeDelay(90_000), backoff.takeDelay(null)]).toEqual([
    5_000, 10_000, 60_000, 8_000,
  ]);
});
