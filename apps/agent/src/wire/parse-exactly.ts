import { randomUUID } from 'node:crypto';

import { readDigits, type ExactNumber } from '@gatehouse/policy/documents/exact-number';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

import type { JsonScan } from './json-scan.ts';

/** Stands for a number or a key while a text is parsed: no text of anybody's begins with it, because it is told to nobody. */
const MARK = randomUUID();

/**
 * The value of a JSON text in which the numbers that no double keeps are read as their digits, and keys that are written with escapes as what they say.
 * V8 takes such a key for another one when an object of before has a key that reads as the escape is written: behind `{"a":1,"\\u0074":2}`, `{"a":1,"\u0074enant":3}` is
 * read with that key again, and whoever gets the text reads `tenant`. A reviver is called for every value of the text, and takes ten times as long for
 * it as parsing does.
 */
export function parseExactly(text: string, { exact, escaped }: Pick<JsonScan, 'exact' | 'escaped'>): unknown {
  const marks: Marks = { numbers: [], names: [] };
  const byName = new Map<string, number>();
  let marked = '';
  let done = 0;
  const put = (start: number, end: number, number: number) => {
    marked += `${text.slice(done, start)}"${MARK}${number}"`;
    done = end;
  };
  for (let [at, key] = [0, 0]; at < exact.length || key < escaped.length;) {
    const [start = Infinity, end = 0] = [exact[at], exact[at + 1]];
    const [keyStart = Infinity, keyEnd = 0] = [escaped[key], escaped[key + 1]];
    if (start < keyStart) {
      put(start, end, marks.numbers.push(readDigits(text.slice(start, end))) - 1);
      at += 2;
    } else {
      const name = String(JSON.parse(text.slice(keyStart, keyEnd)));
      const known = byName.get(name) ?? marks.names.push(name) - 1;
      byName.set(name, known);
      put(keyStart, keyEnd, known);
      key += 2;
    }
  }
  const holder: unknown[] = [JSON.parse(marked + text.slice(done))];
  putBack(holder, marks);
  return holder[0];
}

interface Marks {
  numbers: (number | ExactNumber)[];
  names: string[];
}

/** Puts numbers and keys where their marks stand. */
function putBack(root: unknown[], { numbers, names }: Marks): void {
  const open: object[] = [root];
  const take = (holder: object, key: string | number, value: unknown) => {
    if (typeof value === 'object' && value !== null) open.push(value);
    else if (typeof value === 'string' && value.startsWith(MARK)) define(holder, key, numbers[Number(value.slice(MARK.length))]);
  };
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (Array.isArray(next)) for (let at = 0; at < next.length; at += 1) take(next, at, next[at]);
    else if (isJsonObject(next)) {
      if (names.length > 0) putNames(next, names);
      for (const key of Object.keys(next)) take(next, key, next[key]);
    }
  }
}

/** In the order of the text; of a key that stands twice the last value counts. */
function putNames(holder: JsonObject, names: readonly string[]): void {
  const members = Object.entries(holder);
  if (!members.some(([key]) => key.startsWith(MARK))) return;
  for (const [key] of members) Reflect.deleteProperty(holder, key);
  for (const [key, value] of members)
    define(holder, key.startsWith(MARK) ? (names[Number(key.slice(MARK.length))] ?? key) : key, value);
}

/** Not by an assignment: that of `__proto__` would do something else. */
function define(holder: object, key: string | number, value: unknown): void {
  Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}
