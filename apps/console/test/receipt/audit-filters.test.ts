import { expect, test } from 'vitest';

import { listToolNames } from '../../src/features/receipt/audit-filter-fields.tsx';
import { getRangeStart, RANGE_NAMES, toFixedSearch } from '../../src/features/receipt/time-range.ts';

const NOW = Date.parse('2026-11-29T12:34:56.789Z');
const HOUR_MS = 3_600_000;

test('a range begins as long ago as it says, moves on with the clock, and not with every second', () => {
  const spans = { '1h': HOUR_MS, '24h': 24 * HOUR_MS, '7d': 168 * HOUR_MS };
  for (const range of RANGE_NAMES) {
    const ago = NOW - getRangeStart(range, NOW).getTime();
    expect(ago).toBeGreaterThanOrEqual(spans[range]);
    expect(ago).toBeLessThan(spans[range] * (61 / 60));
    expect(getRangeStart(range, NOW + spans[range]).getTime() - getRangeStart(range, NOW).getTime()).toBe(spans[range]);
  }
  expect(getRangeStart('1h', NOW + 1)).toEqual(getRangeStart('1h', NOW));
});

test('a link with fixed time has times in place of the range and keeps the rest', () => {
  const fixed = new URL(toFixedSearch('https://c.example/t/acme/audit?tool=a&range=24h&peek=p', '24h', NOW));
  expect(Object.fromEntries(fixed.searchParams)).toEqual({
    tool: 'a',
    peek: 'p',
    from: getRangeStart('24h', NOW).toISOString(),
    to: '2026-11-29T12:34:56.789Z',
  });
  const timed = 'https://c.example/t/acme/audit?from=2026-11-01T00%3A00%3A00.000Z&to=2026-11-02T00%3A00%3A00.000Z';
  expect(toFixedSearch(timed, null, NOW)).toBe(timed);
});

test('a tool is found by its own name and by the one under which it is shown', () => {
  const names = listToolNames([
    { name: 'refund', shownAs: ['give_back'] },
    { name: 'order', shownAs: ['refund', 'give_back'] },
  ]);
  expect(names.map(({ value, hint }) => `${value}: ${hint}`)).toEqual([
    'give_back: shows refund, order',
    'order: shown as refund, give_back',
    'refund: shown as give_back',
  ]);
});
