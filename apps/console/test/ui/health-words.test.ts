import { expect, test } from 'vitest';

import { getHealthWords, describeOpenCount } from '../../src/ui/entity/health-words.ts';

const NOW = Date.parse('2026-11-21T14:00:00Z');
const LATER = new Date(NOW + 30_000);

test('a state is claimed only of an agent that is connected', () => {
  for (const state of ['connected', 'withheld', 'unreachable', 'unused'] as const)
    expect(getHealthWords({ live: false, state, retryAt: LATER }, NOW)).toMatchObject({
      word: 'Unknown',
      tone: 'neutral',
      retryAt: null,
    });
  expect(getHealthWords({ live: true, state: 'connected', retryAt: null }, NOW)).toMatchObject({ word: 'Connected', tone: 'ok' });
  expect(getHealthWords({ live: true, state: 'unused', retryAt: null }, NOW)).toMatchObject({
    word: 'Not used yet',
    hollow: true,
  });
  expect(getHealthWords({ live: true, state: 'withheld', retryAt: null }, NOW)).toMatchObject({ word: 'Withheld', tone: 'warn' });
});

test('an unreachable server says when it is tried again, until then', () => {
  expect(getHealthWords({ live: true, state: 'unreachable', retryAt: LATER }, NOW)).toMatchObject({
    word: 'Retrying at',
    retryAt: LATER,
  });
  expect(getHealthWords({ live: true, state: 'unreachable', retryAt: LATER }, NOW + 60_000)).toMatchObject({
    word: 'Unreachable',
    retryAt: null,
  });
  expect(getHealthWords({ live: true, state: 'unreachable', retryAt: null }, NOW).word).toBe('Unreachable');
});

test('what is open is counted in the words of its kind', () => {
  expect([
    describeOpenCount('stdio', 1),
    describeOpenCount('stdio', 3),
    describeOpenCount('http', 1),
    describeOpenCount('rest', 2),
    describeOpenCount('http', 0),
  ]).toEqual(['1 process', '3 processes', '1 connection', '2 connections', 'none']);
});
