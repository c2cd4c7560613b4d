import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

/**
 * Puts what stands for it in the place of each text that is a mark and a number, wherever in a list. `enter`: told each object before its members are looked at.
 */
export function replaceMarked(
  root: unknown[],
  mark: string,
  read: (number: number) => unknown,
  enter: (holder: JsonObject) => void = () => {},
): void {
  const open: object[] = [root];
  const take = (holder: object, key: string | number, value: unknown) => {
    if (typeof value === 'object' && value !== null) open.push(value);
    else if (typeof value === 'string' && value.startsWith(mark)) define(holder, key, read(Number(value.slice(mark.length))));
  };
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (Array.isArray(next)) for (let at = 0; at < next.length; at += 1) take(next, at, next[at]);
    else if (isJsonObject(next)) {
      enter(next);
      for (const key of Object.keys(next)) take(next, key, next[key]);
    }
  }
}

/** Not by an assignment: that of `__proto__` would do something else. */
export function define(holder: object, key: string | number, value: unknown): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}
