import { randomBytes } from 'node:crypto';

import { readDigits, type ExactNumber } from '@gatehouse/policy/documents/exact-number';
import type { JsonObject } from '@gatehouse/policy/documents/json';

import type { JsonScan } from './json-scan.ts';
import { define, replaceMarked } from './marks.ts';

/** Stands for a number or a key while a text is parsed: no text of anybody's begins with it, because it is told to nobody. Short, because a text may have many. */
const MARK = randomBytes(9).toString('base64url');

/** Of keys that are read alike, and of numbers that are written alike, one is read for all, as long as there are no more of them. */
const MOST_KNOWN = 10_000;

/**
 * The value of a JSON text in which the numbers that no double keeps are read as their digits, and keys that are written with escapes as what they say.
 * V8 takes such a key for another one when an object of before has a key that reads as the escape is written: behind `{"a":1,"\u0074":2}`, `{"a":1,"\u0074enant":3}` is
 * read with that key again, and whoever gets the text reads `tenant`. A reviver is called for every value of the text, and takes ten times as long for
 * it as parsing does.
 */
export function parseExactly(text: string, { exact, escaped }: Pick<JsonScan, 'exact' | 'escaped'>): unknown {
  const marks = new Marks();
  const pieces: string[] = [];
  let done = 0;
  const put = (start: number, end: number, piece: string) => {
    pieces.push(text.slice(done, start), piece);
    done = end;
  };
  for (let [at, key] = [0, 0]; at < exact.length || key < escaped.length;) {
    const [start = Infinity, end = 0] = [exact[at], exact[at + 1]];
    const [keyStart = Infinity, keyEnd = 0] = [escaped[key], escaped[key + 1]];
    if (start < keyStart) {
      put(start, end, marks.markNumber(text.slice(start, end)));
      at += 2;
    } else {
      put(keyStart, keyEnd, marks.markKey(text.slice(keyStart, keyEnd)));
      key += 2;
    }
  }
  pieces.push(text.slice(done));
  const holder: unknown[] = [JSON.parse(pieces.join(''))];
  const { numbers, names } = marks;
  replaceMarked(
    holder,
    MARK,
    (number) => numbers[number],
    (object) => {
      if (names.length > 0) putNames(object, names);
    },
  );
  return holder[0];
}

class Marks {
  readonly numbers: (number | ExactNumber)[] = [];
  readonly names: string[] = [];
  readonly #known = new Map<string, string>();
  /** the place of each in `names`: it may be written in several ways */
  readonly #places = new Map<string, number>();

  /** What stands in its place. */
  markNumber(raw: string): string {
    return this.#known.get(raw) ?? this.#keep(raw, `"${MARK}${this.numbers.push(readDigits(raw)) - 1}"`);
  }

  /** A key that needs no escape is written without. */
  markKey(raw: string): string {
    const known = this.#known.get(raw);
    if (known !== undefined) return known;
    const name = String(JSON.parse(raw));
    const written = JSON.stringify(name);
    return this.#keep(raw, written.includes('\\') ? `"${MARK}${this.#keepName(name)}"` : written);
  }

  #keepName(name: string): number {
    const place = this.#places.get(name) ?? this.names.push(name) - 1;
    this.#places.set(name, place);
    return place;
  }

  #keep(raw: string, piece: string): string {
    if (this.#known.size < MOST_KNOWN) this.#known.set(raw, piece);
    return piece;
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
