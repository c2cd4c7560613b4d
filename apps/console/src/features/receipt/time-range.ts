const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const SPANS = { '1h': HOUR_MS, '24h': 24 * HOUR_MS, '7d': 7 * 24 * HOUR_MS } as const;
type RangeName = keyof typeof SPANS;
export const RANGE_NAMES = ['1h', '24h', '7d'] as const satisfies readonly RangeName[];

/** A range moves on in steps of a sixtieth of it, so that a list is not read anew every second. */
const STEPS = 60;

/** When a range begins that ends now (milliseconds): to the step, and never later than it says. */
export function getRangeStart(range: RangeName, now: number): Date {
  const span = SPANS[range];
  const step = span / STEPS;
  return new Date(Math.floor((now - span) / step) * step);
}

/** An address with the times that its range stands for at this moment, so that whoever opens it later sees the same calls. */
export function toFixedSearch(href: string, range: RangeName | null, now: number): string {
  const url = new URL(href);
  if (range !== null) {
    url.searchParams.delete('range');
    url.searchParams.set('from', getRangeStart(range, now).toISOString());
  }
  if (!url.searchParams.has('to')) url.searchParams.set('to', new Date(now).toISOString());
  return url.href;
}
