import { expect, test } from 'vitest';

import { countTests } from './invariant-tests.ts';

const RUN = [
  { file: 'a.test.ts', title: 'one: holds', passed: true },
  { file: 'a.test.ts', title: 'one: holds again', passed: true },
  { file: 'a.test.ts', title: 'two: does not', passed: false },
  { file: 'b.test.ts', title: 'one: elsewhere', passed: true },
];

test('an invariant is shown by tests that ran and passed', () => {
  expect(countTests({ 'a.test.ts': ['one: '], 'b.test.ts': [''] }, RUN)).toEqual({ passed: 3, problems: [] });
});

test('a test that failed, was renamed or did not run is named', () => {
  expect(countTests({ 'a.test.ts': ['', 'three'], 'c.test.ts': ['one'] }, RUN).problems).toEqual([
    'a.test.ts: "two: does not" did not pass',
    'a.test.ts: no test "three…" ran',
    'c.test.ts: no test "one…" ran',
  ]);
});
