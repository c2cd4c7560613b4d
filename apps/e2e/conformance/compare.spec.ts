import { expect, test } from '@playwright/test';

import { findDifferences, classifyDifferences, type ExpectedDifference } from './compare.ts';
import type { CheckOutcome, SuiteRun } from './suite.ts';

/** A run from `scenario:check` to status. */
function makeRun(statuses: Record<string, string>): SuiteRun {
  const outcomes = Object.entries(statuses).map(([key, status]) => {
    const [scenario = '', check = ''] = key.split(':');
    const outcome: CheckOutcome = { scenario, check, status, messages: [] };
    return [key, outcome] as const;
  });
  return { outcomes: new Map(outcomes), passed: true, output: '' };
}

const makeEntry = (key: string, through: string, change: Partial<ExpectedDifference> = {}): ExpectedDifference => {
  const [scenario = '', check = ''] = key.split(':');
  return { revision: '2025-11-25', scenario, check, direct: 'SUCCESS', through, reason: 'why it is meant to differ', ...change };
};

const direct = makeRun({ 'a:same': 'SUCCESS', 'a:worse': 'SUCCESS', 'a:gone': 'SUCCESS', 'a:note': 'INFO' });
const through = makeRun({ 'a:same': 'SUCCESS', 'a:worse': 'FAILURE', 'a:new': 'FAILURE' });
const at = { revision: '2025-11-25', upstream: 'http' } as const;
const listKeys = (found: { scenario: string; check: string }[]) => found.map(({ scenario, check }) => `${scenario}:${check}`);

test('every check that differs is found, missing and new ones too; notes are not', () => {
  expect(listKeys(findDifferences(direct, through))).toEqual(['a:gone', 'a:new', 'a:worse']);
  expect(findDifferences(direct, direct)).toEqual([]);
});

test('an entry explains exactly its own difference, and one that no longer differs is stale', () => {
  const expected = [
    makeEntry('a:worse', 'FAILURE'),
    makeEntry('a:gone', 'WARNING'),
    makeEntry('a:same', 'FAILURE'),
    makeEntry('a:new', 'FAILURE', { direct: 'ABSENT', upstream: 'stdio' }),
    makeEntry('a:gone', 'ABSENT', { revision: '2026-07-28' }),
  ];
  const verdict = classifyDifferences(findDifferences(direct, through), expected, at);
  expect(listKeys(verdict.explained.map(({ difference }) => difference))).toEqual(['a:worse']);
  expect(listKeys(verdict.unexplained)).toEqual(['a:gone', 'a:new']);
  expect(listKeys(verdict.stale)).toEqual(['a:gone', 'a:same']);
});
