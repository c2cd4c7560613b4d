import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import {
  formatAge,
  formatClock,
  formatDateTime,
  formatDay,
  formatElapsed,
  formatFully,
  formatSpan,
} from '../../src/ui/text/time.ts';
import { formatOffset, fromFieldText, isKnownZone, toFieldText } from '../../src/ui/text/zone.ts';

const NOW = Date.parse('2026-11-02T12:00:00Z');
const formatAgo = (ms: number) => formatAge(new Date(NOW - ms), NOW);

test('an age has one unit, the largest that fits', () => {
  expect(formatAgo(14_000)).toBe('14 s ago');
  expect(formatAgo(3 * 60_000 + 59_000)).toBe('3 min ago');
  expect(formatAgo(2 * 3_600_000)).toBe('2 h ago');
  expect(formatAgo(5 * 86_400_000)).toBe('5 d ago');
});

test('what just happened is now, also when the clocks differ a little', () => {
  expect(formatAgo(0)).toBe('now');
  expect(formatAgo(-900)).toBe('now');
  expect(formatAgo(-42 * 60_000)).toBe('in 42 min');
  // what lies ahead is rounded: a token of an hour is one of an hour right after it was made
  expect(formatAgo(-(60 * 60_000 - 1_500))).toBe('in 1 h');
  expect(formatAgo(-(90 * 86_400_000 - 60_000))).toBe('in 90 d');
  expect(formatAgo(-(14 * 86_400_000 - 3_600_000))).toBe('in 14 d');
  expect(formatAgo(-100_000)).toBe('in 2 min');
});

test('a span is never negative and a clock has two digits of seconds', () => {
  expect(formatSpan(-5)).toBe('0 s');
  expect(formatElapsed(24_900)).toBe('0:24');
  expect(formatElapsed(725_000)).toBe('12:05');
});

const HELSINKI = 'Europe/Helsinki';
const WINTER = new Date('2026-11-21T22:14:02Z');
const SUMMER = new Date('2026-07-01T09:00:00Z');

test('a time is written by the clocks of the zone, which is named beside it', () => {
  expect(formatDateTime(WINTER, HELSINKI)).toBe('22 Nov 2026, 00:14:02 UTC+2');
  expect(formatDateTime(SUMMER, HELSINKI)).toBe('1 Jul 2026, 12:00:00 UTC+3');
  expect(formatDateTime(WINTER, 'UTC')).toBe('21 Nov 2026, 22:14:02 UTC');
  expect(formatDateTime(WINTER, 'America/St_Johns')).toBe('21 Nov 2026, 18:44:02 UTC-3:30');
  expect(formatDay(WINTER, HELSINKI)).toBe('22 Nov 2026');
  expect(formatFully(WINTER, HELSINKI)).toBe('22 Nov 2026, 00:14:02 UTC+2, Europe/Helsinki');
  expect(formatOffset(WINTER, 'Asia/Kathmandu')).toBe('UTC+5:45');
});

test('a clock says the day of what is older than one, and the year of another year', () => {
  const now = WINTER.getTime();
  expect(formatClock(new Date(now - 3_600_000), now, HELSINKI)).toBe('23:14:02');
  expect(formatClock(new Date('2026-11-19T08:14:00Z'), now, HELSINKI)).toBe('19 Nov, 10:14');
  expect(formatClock(new Date('2025-11-19T08:14:00Z'), now, HELSINKI)).toBe('19 Nov 2025, 10:14');
  expect(formatClock(new Date(now + 3 * 86_400_000), now, 'UTC')).toBe('24 Nov, 22:14');
});

test('a field for a minute reads and writes by the clocks of the zone, whatever zone the process is in', () => {
  expect(toFieldText(WINTER, HELSINKI)).toBe('2026-11-22T00:14');
  for (const zone of [HELSINKI, 'UTC', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Kiritimati'])
    for (const at of ['2026-11-22T00:14:00Z', '2026-07-01T23:59:00Z', '2026-03-29T00:59:00Z', '2026-10-25T02:30:00Z'])
      expect(fromFieldText(toFieldText(new Date(at), zone), zone)?.toISOString()).toBe(new Date(at).toISOString());
});

test('a minute that comes twice is the first of both, and one that never comes is counted on from the jump', () => {
  expect(fromFieldText('2026-10-25T03:30', HELSINKI)?.toISOString()).toBe('2026-10-25T00:30:00.000Z');
  expect(fromFieldText('2026-03-29T03:30', HELSINKI)?.toISOString()).toBe('2026-03-29T01:30:00.000Z');
  expect(fromFieldText('', HELSINKI)).toBeNull();
  expect(fromFieldText('2026-13-40T99:99', HELSINKI)).toBeNull();
});

test('a zone that nobody knows is none', () => {
  expect(isKnownZone('Europe/Atlantis')).toBe(false);
});

/** What asks the machine for its language or its zone. */
const OF_THE_MACHINE =
  /DateTimeFormat|RelativeTimeFormat|toLocale(Date|Time)String|to(Date|Time|UTC|GMT)String\(|getTimezoneOffset|\.get(Hours|Minutes|Date|Day|Month|FullYear)\(/;

test('no screen writes a time by anything but these functions', () => {
  const source = join(import.meta.dirname, '../../src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));
  const others = files.filter((name) => OF_THE_MACHINE.test(readFileSync(join(source, name), 'utf8')));
  expect(files.length).toBeGreaterThan(300);
  expect(others).toEqual([join('ui', 'text', 'zone.ts')]);
});
