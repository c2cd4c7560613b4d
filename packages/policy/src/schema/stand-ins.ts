import { compareNumbers, isExactNumber, isInteger, isMultiple, type ExactNumber } from '../documents/exact-number.ts';
import { encodeSegment } from '../documents/json-pointer.ts';
import { isJsonObject, type JsonObject } from '../documents/json.ts';

/** What of a schema a number can meet. */
interface Bounds {
  /** every number in it: limits, and values that are allowed */
  numbers: readonly number[];
  multiples: readonly number[];
  /** asks somewhere for whole numbers */
  whole: boolean;
}

/** Arguments with a double for each number that no double keeps, and which stands for which; the arguments themselves where there is none. */
export type StandIns = (args: JsonObject) => { args: JsonObject; exact: ReadonlyMap<number, ExactNumber> } | { unclear: string };

const NONE: ReadonlyMap<number, ExactNumber> = new Map();

/** Such numbers in one call, and doubles that are tried for all of them. */
const MOST_NUMBERS = 10_000;
const MOST_TRIES = 50_000;

/**
 * Compiles what lets a checker of doubles decide on numbers of more digits. The stand-in of such a number lies between the same numbers of the schema
 * and is whole, and a multiple, where the number is, so that every keyword says of it what it has to say of the number; equal numbers get equal
 * stand-ins, and others different ones. `unclear`: the JSON Pointer of a number for which there is none.
 */
export function compileStandIns(schema: unknown): StandIns {
  let bounds: Bounds | null = null;
  return (args) => {
    const exact = [...listExact(args, '')];
    if (exact.length === 0) return { args, exact: NONE };
    bounds ??= readBounds(schema);
    // no other number of the call may be taken for one of these
    const choice = new Choice(bounds, listDoubles(args));
    const chosen = new Map<string, number>();
    const stoodFor = new Map<number, ExactNumber>();
    for (const { pointer, value } of exact) {
      if (chosen.has(value.rawJSON)) continue;
      const found = chosen.size < MOST_NUMBERS ? choice.choose(value) : null;
      if (found === null) return { unclear: pointer };
      chosen.set(value.rawJSON, found);
      stoodFor.set(found, value);
    }
    const entries = Object.entries(args).map(([key, value]): [string, unknown] => [key, replace(value, chosen)]);
    return { args: Object.fromEntries(entries), exact: stoodFor };
  };
}

/** Chooses a double for each number of one call. */
class Choice {
  readonly #bounds: Bounds;
  readonly #taken: Set<number>;
  /** by the nearest double: those around it that were not tried yet */
  readonly #candidates = new Map<number, Generator<number, void>>();
  #tries = MOST_TRIES;

  constructor(bounds: Bounds, taken: Iterable<number>) {
    this.#bounds = bounds;
    this.#taken = new Set(taken);
  }

  choose(value: ExactNumber): number | null {
    const nearest = Number(value.rawJSON);
    const candidates = this.#candidates.get(nearest) ?? listCandidates(nearest);
    this.#candidates.set(nearest, candidates);
    const traits = readTraits(value, this.#bounds);
    for (let next = candidates.next(); !next.done && this.#tries > 0; next = candidates.next()) {
      this.#tries -= 1;
      if (this.#taken.has(next.value) || !mayStandFor(next.value, value, traits, this.#bounds)) continue;
      this.#taken.add(next.value);
      return next.value;
    }
    return null;
  }
}

/** What its stand-in has to have in common with a number; found once for all candidates. */
interface Traits {
  isInteger: boolean;
  /** for each of the bounds' multiples */
  isMultiple: readonly boolean[];
}

function readTraits(value: ExactNumber, { multiples }: Bounds): Traits {
  return { isInteger: isInteger(value), isMultiple: multiples.map((of) => isMultiple(value, of)) };
}

function mayStandFor(candidate: number, value: ExactNumber, traits: Traits, { numbers, multiples, whole }: Bounds): boolean {
  if (whole && Number.isInteger(candidate) !== traits.isInteger) return false;
  if (!multiples.every((of, at) => isMultiple(candidate, of) === traits.isMultiple[at])) return false;
  const order = compareNumbers(value, candidate);
  if (order === 0) return true;
  const [least, most] = order < 0 ? [value, candidate] : [candidate, value];
  return !numbers.some((number) => compareNumbers(number, least) >= 0 && compareNumbers(number, most) <= 0);
}

/** The doubles nearest to a number, on both sides, and on. */
function* listCandidates(nearest: number): Generator<number, void> {
  let [below, above] = [Number.isFinite(nearest) ? nearest : Math.sign(nearest) * Number.MAX_VALUE, getNext(nearest, 1)];
  while (true) {
    if (Number.isFinite(below)) yield below;
    if (Number.isFinite(above)) yield above;
    if (!Number.isFinite(below) && !Number.isFinite(above)) return;
    [below, above] = [getNext(below, -1), getNext(above, 1)];
  }
}

const bits = new DataView(new ArrayBuffer(8));

/** The next double in a direction; itself when there is none. */
function getNext(value: number, direction: 1 | -1): number {
  if (!Number.isFinite(value)) return value;
  if (value === 0) return direction * Number.MIN_VALUE;
  bits.setFloat64(0, value);
  bits.setBigInt64(0, bits.getBigInt64(0) + (value > 0 === direction > 0 ? 1n : -1n));
  return bits.getFloat64(0);
}

function* listExact(value: unknown, pointer: string): Generator<{ pointer: string; value: ExactNumber }> {
  if (typeof value !== 'object' || value === null) return;
  if (isExactNumber(value)) yield { pointer, value };
  else if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) if (typeof item === 'object') yield* listExact(item, `${pointer}/${at}`);
  } else {
    for (const [key, item] of Object.entries(value))
      if (typeof item === 'object') yield* listExact(item, `${pointer}/${encodeSegment(key)}`);
  }
}

function* listDoubles(value: unknown): Generator<number> {
  if (typeof value === 'number') yield value;
  if (typeof value !== 'object' || value === null || isExactNumber(value)) return;
  for (const item of Object.values(value)) yield* listDoubles(item);
}

function replace(value: unknown, chosen: ReadonlyMap<string, number>): unknown {
  if (isExactNumber(value)) return chosen.get(value.rawJSON);
  if (Array.isArray(value)) return value.map((item) => replace(item, chosen));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replace(item, chosen)]));
}

function readBounds(schema: unknown): Bounds {
  const numbers = new Set<number>();
  const multiples = new Set<number>();
  let whole = false;
  const visit = (value: unknown, key: string): void => {
    if (value === 'integer') whole = true;
    if (typeof value === 'number') (key === 'multipleOf' ? multiples : numbers).add(value);
    // numbers of a schema that no double keeps are compared as what they are (exact-keywords.ts)
    if (typeof value !== 'object' || value === null || isExactNumber(value)) return;
    for (const [name, item] of Object.entries(value)) visit(item, Array.isArray(value) ? key : name);
  };
  visit(schema, '');
  return { numbers: [...numbers], multiples: [...multiples], whole };
}
