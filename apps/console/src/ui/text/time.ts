import { formatOffset, formatTwoDigits, readWall, UTC, type WallTime } from './zone.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "14 s", "3 min", "2 h", "5 d": the length of a span, one unit. Never negative. */
export function formatSpan(ms: number): string {
  const span = Math.max(0, ms);
  if (span < MINUTE) return `${Math.floor(span / SECOND)} s`;
  if (span < HOUR) return `${Math.floor(span / MINUTE)} min`;
  if (span < DAY) return `${Math.floor(span / HOUR)} h`;
  return `${Math.floor(span / DAY)} d`;
}

/** To whole units, so that ninety days that have just begun are not eighty-nine. */
function roundSpan(ms: number): number {
  const unit = [DAY, HOUR, MINUTE].find((each) => ms >= each) ?? SECOND;
  return Math.round(ms / unit) * unit;
}

/** "now", "14 s ago", "in 42 min". */
export function formatAge(at: Date, now: number): string {
  const passed = now - at.getTime();
  if (passed < -SECOND) return `in ${formatSpan(roundSpan(-passed))}`;
  return passed < 2 * SECOND ? 'now' : `${formatSpan(passed)} ago`;
}

/** "0:24", "12:05": a running clock. */
export function formatElapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

const formatDate = ({ day, month, year }: WallTime): string => `${day} ${MONTHS[month - 1]} ${year}`;
const formatSeconds = ({ hour, minute, second }: WallTime): string =>
  `${formatTwoDigits(hour)}:${formatTwoDigits(minute)}:${formatTwoDigits(second)}`;

/** "21 Nov 2026, 10:14:02 UTC+2". Server and browser write the same: nothing of it depends on a language or on the place. */
export function formatDateTime(at: Date, zone: string): string {
  const wall = readWall(at, zone);
  return `${formatDate(wall)}, ${formatSeconds(wall)} ${formatOffset(at, zone)}`;
}

/** "21 Nov 2026", as the calendar of `zone` has it. */
export const formatDay = (at: Date, zone: string): string => formatDate(readWall(at, zone));

/** "10:14:02" within the last day, "19 Nov, 10:14" before, "19 Nov 2025, 10:14" in another year; the zone stands beside it. */
export function formatClock(at: Date, now: number, zone: string): string {
  const wall = readWall(at, zone);
  if (Math.abs(now - at.getTime()) < DAY) return formatSeconds(wall);
  const { day, month, year, hour, minute } = wall;
  const isThisYear = year === readWall(new Date(now), zone).year;
  return `${day} ${MONTHS[month - 1]}${isThisYear ? '' : ` ${year}`}, ${formatTwoDigits(hour)}:${formatTwoDigits(minute)}`;
}

/** "21 Nov 2026, 10:14:02 UTC+2, Europe/Helsinki". */
export function formatFully(at: Date, zone: string): string {
  return zone === UTC ? formatDateTime(at, zone) : `${formatDateTime(at, zone)}, ${zone}`;
}
