import { expect, test } from 'vitest';

import { measureHouse, computePercentile } from './measure.ts';
import { isTest, getWorkspace } from './read-tree.ts';
import { formatHouse } from './report.ts';

const makeLines = (count: number) => 'f();\n'.repeat(count);
const long = `function big() {\n${makeLines(58)}}\nfunction bigger() {\n${makeLines(59)}}\n`;

test('source and tests are told apart, and counted per workspace', () => {
  const { total, workspaces } = measureHouse([
    { path: 'apps/a/src/one.ts', text: makeLines(10) },
    { path: 'apps/a/src/two.ts', text: makeLines(30) },
    { path: 'apps/a/test/one.test.ts', text: makeLines(20) },
    { path: 'packages/b/src/three.ts', text: makeLines(50) },
    { path: 'packages/b/src/testing/build.ts', text: makeLines(5) },
  ]);
  expect([...workspaces.keys()]).toEqual(['apps/a', 'packages/b']);
  expect(workspaces.get('apps/a')).toMatchObject({ files: 2, medianLines: 10, p90Lines: 30, testLines: 20, sourceLines: 40 });
  expect(total).toMatchObject({ files: 3, medianLines: 30, p90Lines: 50, testLines: 25, sourceLines: 90 });
});

test('functions over sixty lines and folders over twenty files are named', () => {
  const crowd = Array.from({ length: 21 }, (_, index) => ({ path: `apps/a/src/crowd/f${index}.ts`, text: makeLines(1) }));
  const { total } = measureHouse([
    { path: 'apps/a/src/long.ts', text: long },
    { path: 'apps/a/test/long.test.ts', text: long },
    ...crowd.slice(0, 20).map(({ path, text }) => ({ path: path.replace('crowd', 'room'), text })),
    ...crowd,
  ]);
  expect(total.longFunctions).toEqual([{ path: 'apps/a/src/long.ts', name: 'bigger', line: 61, length: 61 }]);
  expect(total.crowdedFolders).toEqual([{ path: 'apps/a/src/crowd', files: 21 }]);
});

test('a table sets two trees side by side, also where a workspace is new', () => {
  const before = measureHouse([{ path: 'apps/a/src/one.ts', text: makeLines(10) }]);
  const now = measureHouse([
    { path: 'apps/a/src/one.ts', text: makeLines(12) },
    { path: 'tools/two.ts', text: makeLines(4) },
  ]);
  const rows = formatHouse(now, before)
    .split('\n')
    .map((row) => row.split(/ {2,}/));
  expect(rows[1]).toEqual(['apps/a', '1 > 1', '10 > 12', '10 > 12', '0 > 0', '0 > 0', '0 > 0', '0.00 > 0.00']);
  expect(rows[2]?.slice(0, 3)).toEqual(['tools', '- > 1', '- > 4']);
  expect(rows[3]?.slice(0, 2)).toEqual(['total', '1 > 2']);
});

test('paths say what a file is', () => {
  expect(['apps/e2e/src/stack.ts', 'packages/a/src/testing/x.ts', 'tools/house/x.test.ts'].map(isTest)).toEqual([
    true,
    true,
    true,
  ]);
  expect(['apps/a/src/contest/x.ts', 'packages/a/src/test.ts'].map(isTest)).toEqual([false, false]);
  expect(['apps/a/build.ts', 'tools/house/x.ts', 'vitest.config.ts'].map(getWorkspace)).toEqual(['apps/a', 'tools', '.']);
});

test('percentiles are values that occur', () => {
  expect([computePercentile([3, 1, 2], 0.5), computePercentile([1, 2, 3, 4], 0.9), computePercentile([], 0.5)]).toEqual([
    2, 4, 0,
  ]);
});
