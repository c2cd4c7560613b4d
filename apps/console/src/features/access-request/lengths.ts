/** How long access may be asked for and given, in days; `none`: without an end. */
export const LENGTHS = [
  { value: '1', label: '1 day' },
  { value: '7', label: '1 week' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
  { value: 'none', label: 'No end' },
] as const;
type Length = (typeof LENGTHS)[number]['value'];

const DAY_MS = 24 * 3_600_000;

/** When it is over, from now on, as the API takes it; null: never. */
export function findEnd(length: Length): string | null {
  return length === 'none' ? null : new Date(Date.now() + Number(length) * DAY_MS).toISOString();
}

/** The length that comes closest to what was asked for. */
export function findLength(from: Date, until: Date | null): Length {
  if (until === null) return 'none';
  const days = (until.getTime() - from.getTime()) / DAY_MS;
  return LENGTHS.find(({ value }) => value !== 'none' && Number(value) >= days - 0.5)?.value ?? 'none';
}
