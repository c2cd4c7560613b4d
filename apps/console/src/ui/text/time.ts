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

/** "now", "14 s ago", "in 42 min". */
export function formatAge(at: Date, now: number): string {
  const passed = now - at.getTime();
  if (passed < -SECOND) return `in ${formatSpan(-passed)}`;
  return passed < 2 * SECOND ? 'now' : `${formatSpan(passed)} ago`;
}

/** "0:24", "12:05": a running clock. */
export function formatElapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / SECOND));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

const DATE_TIME = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const DAY_AND_CLOCK = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

/** "21 Nov 2026, 10:14:02", in the reader's zone. */
export const formatDateTime = (at: Date): string => DATE_TIME.format(at);

const DAY_ONLY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' });

/** "21 Nov 2026", in the reader's zone. */
export const formatDay = (at: Date): string => DAY_ONLY.format(at);

/** "10:14:02" within the last day, "19 Nov, 10:14" before. */
export function formatClock(at: Date, now: number): string {
  return now - at.getTime() < DAY ? CLOCK.format(at) : DAY_AND_CLOCK.format(at);
}
