import { expect, test } from '@playwright/test';

import { findDifferences, judge, type ExpectedDifference } from './compare.ts';
import type { CheckOutcome, SuiteRun } from './suite.ts';

/** A run from `scenario:check` to status. */
function runOf(statuses: Record<string, string>): SuiteRun {
  const outcomes = Object.entries(statuses).map(([key, status]) => {
    const [scenario = '', check = ''] = key.split(':');
    const outcome: CheckOutcome = { scenario, check, status, messages: [] };
    return [key, outcome] as const;
  });
  return { outcomes: new Map(outcomes), passed: true, output: '' };
}

const entry = (key: string, through: string, change: Partial<ExpectedDifference> = {}): ExpectedDifference => {
  const [scenario = '', check = ''] = key.split(':');
  return { revision: '2025-11-25', scenario, check, direct: 'SUCCESS', through, reason: 'why it is meant to differ', ...change };
};

const direct = runOf({ 'a:same': 'SUCCESS', 'a:worse': 'SUCCESS', 'a:gone': 'SUCCESS', 'a:note': 'INFO' });
const through = runOf({ 'a:same': 'SUCCESS', 'a:worse': 'FAILURE', 'a:new': 'FAILURE' });
const at = { revision: '2025-11-25', upstream: 'http' } as const;
const keysOf = (found: { scenario: string; check: string }[]) => found.map(({ scenario, check }) => `${scenario}:${check}`);

test('every check that differs is found, missing and new ones too; notes are not', () => {
  expect(keysOf(findDifferences(direct, through))).toEqual(['a:gone', 'a:new', 'a:worse']);
  expect(findDifferences(direct, direct)).toEqual([]);
});

test('an entry explains exactly its own difference, and one that no longer differs is stale', () => {
  const expected = [
    entry('a:worse', 'FAILURE'),
    entry('a:gone', 'WARNING'),
    entry('a:same', 'FAILURE'),
    entry('a:new', 'FAILURE', { direct: 'ABSENT', upstream: 'stdio' }),
    entry('a:gone', 'ABSENT', { revision: '2026-07-28' }),
  ];
  const verdict = judge(findDifferences(direct, through), expected, at);
  expect(keysOf(verdict.explained.map(({ difference }) => difference))).toEqual(['a:worse']);
  expect(keysOf(verdict.unexplained)).toEqual(['a:gone', 'a:new']);
  expect(keysOf(verdict.stale)).toEqual(['a:gone', 'a:same']);
});
