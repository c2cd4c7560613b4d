import { RE2JS } from 're2js';
import { expect, test } from 'vitest';

import { CheckBudget } from '../../src/limits/check-budget.ts';
import { compileLinearPattern, createLinearRegExps } from '../../src/limits/linear-pattern.ts';
import { computePatternCost } from '../../src/limits/pattern-cost.ts';

test.each([
  ['', 1],
  ['abc', 3],
  ['a{3}', 3],
  ['a{2,5}', 5],
  ['(ab){10}', 30],
  ['((a{10}){10}){10}', 1_110],
  ['[a-z{5}]{4}', 4],
  ['a{x}', 4],
  [String.raw`\p{L}{3}`, 60],
  [String.raw`[\p{L}_]{2}`, 42],
])('the cost of %s is %i', (pattern, cost) => {
  expect(computePatternCost(pattern)).toBe(cost);
});

test.each(['(((', '{5}', '[', '\\', '\\p{', 'a{1,999999}', ')))'])(
  '%s, which is no pattern, has a cost all the same',
  (pattern) => {
    expect(computePatternCost(pattern)).toBeGreaterThan(0);
  },
);

test.each(['^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$', '(a|b|c){1,30}', String.raw`^\p{L}[\p{L}\d ]{0,60}$`, 'x{1000}'])(
  'the cost of %s is not far below the program that it compiles to',
  (pattern) => {
    expect(computePatternCost(pattern) * 8).toBeGreaterThan(RE2JS.compile(pattern).programSize());
  },
);

test('T-57: a pattern that repeats repetitions is not compiled', () => {
  expect(compileLinearPattern('((a{1,100}){1,100}){1,100}')).toBeNull();
  expect(compileLinearPattern('^[a-z]{1,1000}$')).not.toBeNull();
});

test('T-57: one schema compiles a pattern once, and only so many of them', () => {
  const regExp = createLinearRegExps(new CheckBudget());
  expect(regExp('^a$')).toBe(regExp('^a$'));
  expect(regExp('^a$').test('b')).toBe(false);
  for (let index = 0; index < 300; index += 1) regExp(`^x${index}$`);
  expect(regExp('^late$').test('anything')).toBe(true);
  expect(regExp('^a$').test('b')).toBe(false);
  expect(createLinearRegExps(new CheckBudget())('^late$').test('anything')).toBe(false);
});
