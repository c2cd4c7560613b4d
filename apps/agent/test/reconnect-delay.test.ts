import { expect, test } from 'vitest';

import { ReconnectDelay, RECONNECT } from '../src/link/reconnect-delay.ts';

const drawHighest = () => 0.999_999;

test('delays are random up to a bound that doubles to a minute', () => {
  const delay = new ReconnectDelay(RECONNECT, drawHighest);
  const bounds = Array.from({ length: 8 }, () => Math.round(delay.takeDelay({ kind: 'failed' }, 0)));
  expect(bounds).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  expect(new ReconnectDelay(RECONNECT, () => 0).takeDelay({ kind: 'failed' }, 0)).toBe(0);
});

test('a connection that was stable for a minute forgets the failures, a shorter one does not', () => {
  const delay = new ReconnectDelay(RECONNECT, drawHighest);
  for (let n = 0; n < 6; n++) delay.takeDelay({ kind: 'failed' }, 0);
  expect(Math.round(delay.takeDelay({ kind: 'failed' }, 59_999))).toBe(60_000);
  expect(Math.round(delay.takeDelay({ kind: 'failed' }, 60_000))).toBe(2_000);
});

test('after a restart of the hub the first delay is random within its hint, else within 15 s', () => {
  const delay = new ReconnectDelay(RECONNECT, drawHighest);
  expect(Math.round(delay.takeDelay({ kind: 'restarting', withinMs: 40_000 }, 5))).toBe(40_000);
  expect(Math.round(delay.takeDelay({ kind: 'restarting', withinMs: null }, 5))).toBe(15_000);
  expect(Math.round(delay.takeDelay({ kind: 'failed' }, 0))).toBe(2_000);
});

test('a refused agent asks rarely, a rate-limited one waits half a minute at least', () => {
  const lowest = new ReconnectDelay(RECONNECT, () => 0);
  expect(lowest.takeDelay({ kind: 'refused' }, 0)).toBe(300_000);
  expect(lowest.takeDelay({ kind: 'rate_limited' }, 0)).toBe(30_000);
});

test('T-13: a hint of weeks, or longer than a timer can wait, keeps no agent away for more than five minutes', () => {
  const delay = new ReconnectDelay(RECONNECT, drawHighest);
  for (const withinMs of [86_400_000, 2 ** 31, Number.MAX_SAFE_INTEGER])
    expect(Math.round(delay.takeDelay({ kind: 'restarting', withinMs }, 5))).toBe(300_000);
});
