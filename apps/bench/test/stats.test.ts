import { expect, test } from 'vitest';

import { aggregateRounds } from '../src/measure/rounds.ts';
import { computeMedian, computePercentile } from '../src/measure/stats.ts';

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

test('rounds become medians; memory is the largest and errors are summed', () => {
  const round = (value: number, errors: number) => ({
    p50c1Ms: value,
    p99c1Ms: value,
    p50c8Ms: value,
    p99c8Ms: value,
    rpsC8: value,
    cpuMsPerCall: value,
    rssMb: value,
    errors,
  });
  const figures = aggregateRounds([round(1, 0), round(9, 2), round(2, 1)]);
  expect(figures).toEqual({ ...round(2, 3), rssMb: 9 });
});

test('a round in which no call succeeded leaves the others their figures', () => {
  const failed = { p50c1Ms: Number.NaN, p99c1Ms: Number.NaN, p50c8Ms: Number.NaN, p99c8Ms: Number.NaN };
  const rest = { rpsC8: 0, cpuMsPerCall: 1, rssMb: 1, errors: 5 };
  const good = { p50c1Ms: 1, p99c1Ms: 2, p50c8Ms: 3, p99c8Ms: 4, rpsC8: 100, cpuMsPerCall: 1, rssMb: 1, errors: 0 };
  expect(aggregateRounds([{ ...failed, ...rest }, good])).toMatchObject({ p50c1Ms: 1, p99c8Ms: 4, errors: 5 });
});
