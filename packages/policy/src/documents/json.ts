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

/** Every object inside a value, itself included, in the order in which they are written. Takes the same time for each, however deep it stands. */
export function* walkObjects(value: unknown): Generator<JsonObject> {
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next !== 'object' || next === null) continue;
    if (isJsonObject(next)) yield next;
    for (const child of Object.values(next).toReversed()) waiting.push(child);
  }
}

/** True when nothing is nested deeper than `levels` and no key is `__proto__`. Does not recurse further than that. */
export function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0 || Object.hasOwn(value, '__proto__')) return false;
  return Object.values(value).every((child) => isShallow(child, levels - 1));
}
