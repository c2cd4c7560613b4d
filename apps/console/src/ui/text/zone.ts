/** The one zone that everybody knows. */
export const UTC = 'UTC';

const MINUTE = 60_000;

/** A moment as the clocks of a zone show it. */
export interface WallTime {
  year: number;
  /** 1 to 12 */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Numbers only: names and order of a language differ between the server's ICU and the browser's. */
function getFormat(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = createFormat(zone);
  formats.set(zone, made);
  return made;
}

function createFormat(timeZone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('en', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
}

/** Whether times can be counted in a zone here: an old browser may not know a zone that was named elsewhere. */
export function isKnownZone(zone: string): boolean {
  try {
    getFormat(zone);
    return true;
  } catch {
    return false;
  }
}

let browserZone: string | null = null;

/** IANA name of the zone of this browser, and UTC where it does not say. It does not change under an open page, every time on which asks, and reading it takes a formatter. */
export function getBrowserZone(): string {
  return (browserZone ??= readBrowserZone());
}

function readBrowserZone(): string {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
  return timeZone && isKnownZone(timeZone) ? timeZone : UTC;
}

/** What the clocks of `zone` show. */
export function readWall(at: Date, zone: string): WallTime {
  const parts = new Map(
    getFormat(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const get = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  return {
    year: get('year'),
    month: get('month'),
    day: get('day'),
    hour: get('hour'),
    minute: get('minute'),
    second: get('second'),
  };
}

const toUtcMs = ({ year, month, day, hour, minute, second }: WallTime): number =>
  Date.UTC(year, month - 1, day, hour, minute, second);

/** How far the clocks of `zone` are ahead of UTC, milliseconds. */
export function readOffset(at: Date, zone: string): number {
  return toUtcMs(readWall(at, zone)) - Math.floor(at.getTime() / 1_000) * 1_000;
}

/** "UTC+2", "UTC+5:30", "UTC". */
export function formatOffset(at: Date, zone: string): string {
  const minutes = Math.round(readOffset(at, zone) / MINUTE);
  if (minutes === 0) return UTC;
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `${UTC}${minutes < 0 ? '-' : '+'}${hours}${rest === 0 ? '' : `:${formatTwoDigits(rest)}`}`;
}

export const formatTwoDigits = (number: number): string => String(number).padStart(2, '0');

/** What a field for a minute shows (`datetime-local`): "2026-11-21T10:14", by the clocks of `zone`. */
export function toFieldText(at: Date, zone: string): string {
  const { year, month, day, hour, minute } = readWall(at, zone);
  return `${String(year).padStart(4, '0')}-${formatTwoDigits(month)}-${formatTwoDigits(day)}T${formatTwoDigits(hour)}:${formatTwoDigits(minute)}`;
}

/**
 * The moment at which the clocks of `zone` show what stands in a field for a minute; null for what is none. A minute that comes twice (the clocks
 * are put back) is the first of both; one that does not come (they are put forward) is as long after the jump as it says.
 */
export function fromFieldText(text: string, zone: string): Date | null {
  const wall = Date.parse(`${text}Z`);
  if (!/^\d{4,}-\d\d-\d\dT\d\d:\d\d/.test(text) || Number.isNaN(wall)) return null;
  const [before, after] = [-1, 1].map((days) => wall - readOffset(new Date(wall + days * 86_400_000), zone)) as [number, number];
  const first = Math.min(before, after);
  return new Date(readOffset(new Date(first), zone) === wall - first ? first : before === first ? after : before);
}
