import { z } from 'zod';

/** An object as JSON columns take it. */
export const JsonObject = z.record(z.string(), z.json());
export type JsonObject = z.infer<typeof JsonObject>;

/** Postgres holds neither NUL nor half of a surrogate pair; both become U+FFFD. */
export function toStorableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

/** A JSON value with all its texts and keys as Postgres holds them. */
export function toStorable(value: unknown): unknown {
  if (typeof value === 'string') return toStorableText(value);
  if (Array.isArray(value)) return value.map(toStorable);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [toStorableText(key), toStorable(item)]));
}

/** Years that the database, the client and every JSON reader write alike. */
const [FIRST_YEAR, LAST_YEAR] = [1, 9_999];
const MAX_LEVELS = 128;

/** What the database would refuse, where it stands (`name`, `draft.entries.0`; empty: the value itself) and in words. */
export interface Unstorable {
  path: string;
  problem: string;
}

/** The first part of a value that the database would refuse; null when there is none. */
export function findUnstorable(value: unknown, at: readonly string[] = []): Unstorable | null {
  const problem = describeUnstorable(value, at.length);
  if (problem !== null) return { path: at.join('.'), problem };
  if (typeof value !== 'object' || value === null || value instanceof Date) return null;
  for (const [key, child] of Object.entries(value)) {
    const found =
      describeUnstorable(key, 0) === null ? findUnstorable(child, [...at, key]) : { path: at.join('.'), problem: BAD_TEXT };
    if (found) return found;
  }
  return null;
}

const BAD_TEXT = 'holds a character that cannot be stored (NUL, or half of a character)';

function describeUnstorable(value: unknown, level: number): string | null {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0') ? null : BAD_TEXT;
  if (level > MAX_LEVELS) return 'is nested too deeply';
  if (!(value instanceof Date)) return null;
  const year = value.getUTCFullYear();
  return year >= FIRST_YEAR && year <= LAST_YEAR ? null : `must be a time of the years ${FIRST_YEAR} to ${LAST_YEAR}`;
}

/** False when the database would refuse a JSON value. */
export function isStorable(value: unknown): boolean {
  return findUnstorable(value) === null;
}
