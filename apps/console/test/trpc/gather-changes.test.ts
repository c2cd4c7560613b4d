import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { gatherChanges, pauseReadings, resumeReadings } from '../../src/trpc/gather-changes.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  resumeReadings();
  vi.useRealTimers();
});

function watch() {
  const read: string[][] = [];
  const gathered = gatherChanges((kinds) => read.push([...kinds]));
  return { read, gathered };
}

test('changes that come together are read together, and a steady stream of them once a second', () => {
  const { read, gathered } = watch();
  gathered.add('group');
  gathered.add('profile');
  gathered.add('group');
  vi.advanceTimersByTime(120);
  expect(read).toEqual([['group', 'profile']]);
  gathered.add('receipt');
  vi.advanceTimersByTime(999);
  expect(read).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(read).toEqual([['group', 'profile'], ['receipt']]);
});

test('while something is being ended nothing is read, and once its page is left all that came meanwhile is', () => {
  const { read, gathered } = watch();
  gathered.add('receipt');
  pauseReadings();
  gathered.add('group');
  vi.advanceTimersByTime(60_000);
  gathered.add('profile');
  expect(read).toEqual([]);
  resumeReadings();
  vi.advanceTimersByTime(120);
  expect(read).toEqual([['receipt', 'group', 'profile']]);
});

test('nothing is read after the end', () => {
  const { read, gathered } = watch();
  gathered.add('group');
  pauseReadings();
  vi.advanceTimersByTime(1_000);
  gathered.stop();
  resumeReadings();
  vi.advanceTimersByTime(10_000);
  expect(read).toEqual([]);
});
