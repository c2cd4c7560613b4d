import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { readCosts } from '../profile/frames.ts';

test('a profile is summed by function and by file within a stretch of time, idle left out, recursion once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'profile-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'a.cpuprofile');
  const node = (id: number, functionName: string, url: string, children: number[] = []) => ({
    id,
    callFrame: { functionName, url, lineNumber: 0, columnNumber: 0 },
    children,
  });
  const nodes = [
    node(1, '(root)', '', [2, 3]),
    node(2, 'outer', 'a', [4]),
    node(3, '(idle)', ''),
    node(4, 'outer', 'a', [5]),
    node(5, 'inner', 'b'),
  ];
  // each sample lasts until the next one; the first and the last lie outside of the stretch
  const samples = [5, 2, 4, 5, 3, 5];
  const timeDeltas = [0, 10, 10, 10, 10, 10];
  writeFileSync(path, JSON.stringify({ nodes, samples, timeDeltas, startTime: 1_000 }));
  const { functions, files, busy } = readCosts(path, { from: 1_010, to: 1_040 }, ({ url }) => url);
  expect(busy).toBe(30);
  expect(functions.filter(({ own }) => own > 0)).toEqual([
    { name: 'outer a', own: 20, total: 30 },
    { name: 'inner b', own: 10, total: 10 },
  ]);
  expect(files.find(({ name }) => name === 'a')).toEqual({ name: 'a', own: 20, total: 30 });
});
