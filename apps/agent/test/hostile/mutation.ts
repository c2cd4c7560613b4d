import fc from 'fast-check';

import { isJsonObject } from '@gatehouse/policy/documents/json';

/** One place of a document, and what is put there. */
export interface Mutation {
  /** counts the places of a document in its order, from the beginning again at the end */
  at: number;
  value: unknown;
}

const buildDeep = (depth: number): unknown => (depth === 0 ? [] : [buildDeep(depth - 1)]);

const TEXTS = [
  '__proto__ constructor file:/etc/passwd ../../etc/passwd /bin/sh http://127.0.0.1:1/ 2026-01-01T00:00:00.000Z 9999-12-31T23:59:59.999Z',
  'ffffffff-ffff-4fff-bfff-ffffffffffff',
].flatMap((texts) => texts.split(' '));
const NUMBERS = [0, -1, 1.5, 2 ** 31, Number.MAX_SAFE_INTEGER, 1e300];
const OTHERS = ['', ' ', '\0', '\ud800', 'x'.repeat(70_000), '0'.repeat(64), null, true, [], {}, buildDeep(80), undefined];

/** In place of any field: other types, ends of ranges, names of what an object inherits, too much, and nothing at all. */
const VALUES: unknown[] = [...TEXTS, ...NUMBERS, ...OTHERS];

export const drawMutation: fc.Arbitrary<Mutation> = fc.record({ at: fc.nat(), value: fc.constantFrom(...VALUES) });

/** The document with one place changed; `undefined` takes it out. */
export function mutate(document: unknown, { at, value }: Mutation): unknown {
  const places = listPlaces(document, []);
  return replaceAt(document, places[at % places.length] ?? [], value);
}

type Path = readonly string[];

function listPlaces(value: unknown, path: Path): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, child]) => listPlaces(child, [...path, key]))].filter(
    ({ length }) => length > 0,
  );
}

function replaceAt(value: unknown, [key, ...rest]: Path, replacement: unknown): unknown {
  if (key === undefined) return replacement;
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (String(index) === key ? replaceAt(item, rest, replacement) : item));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, child]) => [name, name === key ? replaceAt(child, rest, replacement) : child]),
  );
}
