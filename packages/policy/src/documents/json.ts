import { isExactNumber } from './exact-number.ts';

export type JsonObject = Record<string, unknown>;

/** True for a JSON object; false for arrays, null and exact numbers. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isExactNumber(value);
}

/** The value of a JSON text; undefined, which no JSON is, for any other text. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The object without the keys that have null; the object itself when there are none. */
export function withoutNulls(object: JsonObject): JsonObject {
  const held = Object.values(object);
  return held.includes(null) ? Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null)) : object;
}

/** Every object inside a value, itself included. The value must be known not to be nested without end. */
export function* walkObjects(value: unknown): Generator<JsonObject> {
  if (typeof value !== 'object' || value === null) return;
  if (isJsonObject(value)) yield value;
  for (const child of Object.values(value)) yield* walkObjects(child);
}

/** True when nothing is nested deeper than `levels` and no key is `__proto__`. Does not recurse further than that. */
export function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0 || Object.hasOwn(value, '__proto__')) return false;
  return Object.values(value).every((child) => isShallow(child, levels - 1));
}
