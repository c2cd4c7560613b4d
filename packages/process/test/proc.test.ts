import { expect, test } from 'vitest';

import { parseResidentKb, parseStat } from '../src/proc.ts';

test('a stat line is read from behind the name, which may hold anything', () => {
  const line =
    '4711 (node) b (x) S 42 4710 4711 0 -1 4194304 900 10 0 0 150 50 7 3 20 0 11 0 12345 1000 2000 18446744073709551615';
  expect(parseStat(line)).toEqual({ parent: 42, group: 4_710, ticks: 210, startedAt: 12_345 });
});

test('resident memory is the kilobytes of VmRSS, and nothing for a process that has ended', () => {
  expect(parseResidentKb('Name:\tnode\nVmHWM:\t  99999 kB\nVmRSS:\t  51200 kB\nThreads:\t11\n')).toBe(51_200);
  expect(parseResidentKb('Name:\tnode\nState:\tZ (zombie)\n')).toBe(0);
});
