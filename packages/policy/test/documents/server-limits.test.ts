import { expect, test } from 'vitest';

import {
  DEFAULT_LIMITS,
  formatLimit,
  LIMITS_BY_DEFAULT,
  LONGEST_LIMITS,
  resolveLimits,
  ServerLimits,
} from '../../src/documents/server-limits.ts';

test('without a word the defaults hold, and a program that is downloaded first has the time to start', () => {
  expect(resolveLimits({}, {}, 'run')).toEqual(LIMITS_BY_DEFAULT);
  expect(LIMITS_BY_DEFAULT.start).toEqual({ name: 'start', ms: DEFAULT_LIMITS.start, by: 'default' });
  expect(DEFAULT_LIMITS.start).toBeGreaterThan(60_000);
});

test.each([
  [{ answerMs: 1_000 }, {}, { answer: [1_000, 'server'], silence: [60_000, 'default'], total: [300_000, 'default'] }],
  [{ answerMs: 1_000, tools: [{ name: 'run', answerMs: 2_000 }] }, {}, { answer: [2_000, 'tool'] }],
  [{ answerMs: 1_000, tools: [{ name: 'other', answerMs: 2_000 }] }, {}, { answer: [1_000, 'server'] }],
  // what may take ten minutes to begin may take them in all, unless somebody said otherwise
  [{ answerMs: 600_000 }, {}, { total: [600_000, 'default'] }],
  [{ answerMs: 600_000, totalMs: 5_000 }, {}, { total: [5_000, 'server'] }],
  [{ startMs: 90_000 }, { start: 30_000, answer: 90_000 }, { start: [30_000, 'site'], answer: [60_000, 'default'] }],
  [{}, { total: 10_000 }, { total: [10_000, 'site'] }],
] as const)('%j within %j', (limits, caps, expected) => {
  const held = resolveLimits(ServerLimits.parse(limits), caps, 'run');
  for (const [name, [ms, by]] of Object.entries(expected)) expect(held).toMatchObject({ [name]: { name, ms, by } });
});

test.each([
  { startMs: 99 },
  { startMs: LONGEST_LIMITS.start + 1 },
  { answerMs: 1.5 },
  { totalMs: LONGEST_LIMITS.total + 1 },
  { silenceMs: 0 },
  { tools: [{ name: 'run', silenceMs: 0 }] },
  {
    tools: [
      { name: 'run', totalMs: 1_000 },
      { name: 'run', totalMs: 2_000 },
    ],
  },
])('%j is out of bounds', (limits) => {
  expect(ServerLimits.safeParse(limits).success).toBe(false);
});

test('a limit is told in seconds, below one in milliseconds', () => {
  expect([300, 60_000, 1_500].map(formatLimit)).toEqual(['300 ms', '60 s', '1.5 s']);
});
