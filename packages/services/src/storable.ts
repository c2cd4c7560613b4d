import { z } from 'zod';

/** An object as JSON columns take it. */
export const JsonObject = z.record(z.string(), z.json());
export type JsonObject = z.infer<typeof JsonObject>;

/** Postgres holds neither NUL nor half of a surrogate pair; both become U+FFFD. */
export function toStorableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

/** False when the database would refuse a JSON value. The caller has bounded its depth. */
export function isStorable(value: unknown): boolean {
  if (typeof value === 'string') return toStorableText(value) === value;
  if (Array.isArray(value)) return value.every(isStorable);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, child]) => isStorable(key) && isStorable(child));
}
