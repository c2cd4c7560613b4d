import { expect, test } from 'vitest';

import { aggregateRounds, type Round } from '../src/measure/rounds.ts';
import { computeMedian, computePercentile } from '../src/measure/stats.ts';
import { describeWarmUp, isFlat, warmUntilFlat } from '../src/measure/warm-up.ts';

test('a percentile is the value at its rank, whatever the order', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(computePercentile(hundred, 0.5)).toBe(50);
  expect(computePercentile(hundred, 0.99)).toBe(99);
  expect(computePercentile(hundred, 1)).toBe(100);
  expect(computePercentile([7], 0.99)).toBe(7);
  expect(computePercentile([], 0.5)).toBeNaN();
});

test('numbers are compared as numbers', () => {
  expect(computePercentile([10, 9, 100], 1)).toBe(100);
  expect(computeMedian([10, 9, 100])).toBe(10);
});

test('the median of an even count lies between the two in the middle', () => {
  expect(computeMedian([4, 1, 3, 2])).toBe(2.5);
  expect(computeMedian([])).toBeNaN();
});

const makeRound = (value: number, over: Partial<Round> = {}): Round => ({
  p50c1Ms: value,
  p99c1Ms: value,
  p50c8Ms: value,
  p99c8Ms: value,
  p999c8Ms: value,
  p99c64Ms: value,
  rpsC8: value,
  rpsC64: value,
  cpuMsPerCall: value,
  cpuC64Ms: value,
  cpu64kMs: value,
  cpu1mMs: value,
  rssMb: value,
  errors: 0,
  latenciesC8: [value],
  ...over,
});

test('rounds become medians; memory is the largest, errors are summed, the rarest latency is that of all rounds', () => {
  const figures = aggregateRounds([makeRound(1), makeRound(9, { errors: 2 }), makeRound(2, { errors: 1 })]);
  const { latenciesC8: _, ...expected } = makeRound(2, { errors: 3, rssMb: 9, p999c8Ms: 9 });
  expect(figures).toEqual(expected);
});

test('a round in which no call succeeded leaves the others their figures', () => {
  const failed = { p50c1Ms: Number.NaN, p99c1Ms: Number.NaN, p50c8Ms: Number.NaN, p99c8Ms: Number.NaN };
  const figures = aggregateRounds([makeRound(0, { ...failed, errors: 5, latenciesC8: [] }), makeRound(3)]);
  expect(figures).toMatchObject({ p50c1Ms: 3, p99c8Ms: 3, p999c8Ms: 3, errors: 5 });
});

test('a cost is flat when the last blocks cost about what those before them did', () => {
  expect(isFlat([])).toBe(false);
  expect(isFlat([5, 4, 3, 2, 1.9, 1.8])).toBe(false);
  expect(isFlat([2, 2, 2, 2, 2])).toBe(false);
  expect(isFlat([5, 4, 2, 2, 1.95, 2])).toBe(false);
  expect(isFlat([5, 4, 2, 2, 1.95, 2, 1.98, 1.97])).toBe(true);
  expect(isFlat([2, 2, 2, 9, 2, 2])).toBe(true);
});

test('a row is warmed up until its cost is flat, and says when it is not', async () => {
  const caller = {
    listTools: () => Promise.resolve([]),
    call: (_: string, text: string) => Promise.resolve(text),
    close: () => Promise.resolve(),
    drop: () => Promise.resolve(),
  };
  const target = { tool: 'echo', leashPid: null };
  const short = await warmUntilFlat([caller], target, { blockCalls: 10, mostBlocks: 3, limitMs: 60_000 });
  expect(short).toMatchObject({ calls: 30, flat: false });
  expect(describeWarmUp(short)).toMatch(/^NOT flat after 30 calls/);
  expect(describeWarmUp({ calls: 9, flat: true, first: 0.5, last: 0.25 })).toBe('flat after 9 calls, 0.500 -> 0.250 ms/call');
});
