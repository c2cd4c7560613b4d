import { fold, FOLDED, learn } from './fold.ts';
import { FormSearch, SearchedForm, WINDOW, type Reading } from './form-search.ts';
import { readQuoted, readUnit } from './plain-text.ts';
import type { Span } from './span.ts';
import type { WrittenForm } from './written-forms.ts';

const SHIFT = 5;
const RING = 8;
const LAST = RING - 1;
const PAIR_BITS = 7;
const FEWEST_SLOTS = 1 << 16;
const SLOTS_PER_FORM = 32;
/** Escapes are short; in a longer one nobody looks for a secret that begins within it. */
const MAX_INSIDE = 4;
/** Characters in which the first letters of a secret have to lie, however they are written. */
const MAX_AHEAD = 128;
/** What is not seen between the first two letters of a secret that begins within an escape. */
const MAX_UNSEEN = 4;

/** What is shifted out of 32 bits is forgotten, so the hash depends on the last seven letters alone and rolls with one shift. */
function roll(hash: number, letter: number): number {
  return ((hash << SHIFT) ^ letter) | 0;
}

/** Forms of secrets by their beginnings: a text is read once, in plain, and a rolling hash points to the few that may start at a place. */
export class FormIndex {
  readonly #forms = new Map<number, SearchedForm[]>();
  readonly #present: Uint8Array;
  /** pairs of folded letters with which a form begins */
  readonly #pairs = new Uint8Array(1 << (2 * PAIR_BITS));

  constructor(written: readonly WrittenForm[]) {
    const unique = new Map(written.map((form) => [`${form.kind} ${form.text} ${form.rest}`, form]));
    this.#present = new Uint8Array(Math.max(FEWEST_SLOTS, 2 ** Math.ceil(Math.log2(unique.size * SLOTS_PER_FORM))));
    for (const form of unique.values()) {
      if (form.text.length < WINDOW) continue;
      const hash = Array.from({ length: WINDOW }, (_, at) => fold(form.text.charCodeAt(at))).reduce(roll, 0);
      this.#present[getSlot(hash, this.#present.length - 1)] = 1;
      this.#pairs[getPair(fold(form.text.charCodeAt(0)), fold(form.text.charCodeAt(1)))] = 1;
      this.#forms.set(hash, [...(this.#forms.get(hash) ?? []), new SearchedForm(form)]);
    }
  }

  find(text: string): Span[] {
    const search = new FormSearch(text);
    const starts = new Int32Array(RING);
    const present = this.#present;
    const last = present.length - 1;
    let [count, hash, index] = [0, 0, 0];
    while (index < text.length) {
      const folded = FOLDED[text.charCodeAt(index)] ?? 0;
      if (folded !== 0) {
        hash = roll(hash, folded);
        starts[count & LAST] = index;
        index += 1;
        count += 1;
        if (present[getSlot(hash, last)] === 1)
          index = Math.max(index, this.#match(search, hash, getStart(starts, count), 'plain'));
        continue;
      }
      const unit = readUnit(text, index);
      if (readQuoted(text, index)) this.#matchQuoted(search, count < WINDOW ? 0 : (starts[(count - WINDOW + 1) & LAST] ?? index));
      if (unit.end - index > 1) this.#matchInside(search, index + 1, Math.min(unit.end, index + MAX_INSIDE));
      else learn(text.charCodeAt(index), unit);
      for (let at = 0; at < unit.text.length; at += 1) {
        hash = roll(hash, fold(unit.text.charCodeAt(at)));
        starts[count & LAST] = index;
        count += 1;
        if (present[getSlot(hash, last)] === 1) this.#match(search, hash, getStart(starts, count), 'plain');
      }
      index = unit.end;
    }
    return search.spans;
  }

  /** A secret that begins within what was read as an escape, as right behind a backslash. */
  #matchInside(search: FormSearch, from: number, to: number): void {
    const { text } = search;
    for (let start = from; start < to; start += 1) {
      const first = FOLDED[text.charCodeAt(start)] ?? 0;
      if (first !== 0 && this.#pairs[getPair(first, readNext(text, start + 1))] === 1)
        this.#match(search, readLetters(text, start, WINDOW, false)[0].reduce(roll, 0), start, 'inside');
    }
  }

  /** A secret of which one of the first letters is written as in quoted-printable; any later one is seen while it is followed. */
  #matchQuoted(search: FormSearch, start: number): void {
    const [letters, starts] = readLetters(search.text, start, 2 * WINDOW - 1, true);
    let hash = 0;
    for (const [at, letter] of letters.entries()) {
      hash = roll(hash, letter);
      if (at >= WINDOW - 1) this.#match(search, hash, starts[at - WINDOW + 1] ?? start, 'quoted');
    }
  }

  #match(search: FormSearch, hash: number, start: number, reading: Reading): number {
    let end = 0;
    for (const form of this.#forms.get(hash) ?? []) end = Math.max(end, search.follow(form, start, reading));
    return end;
  }
}

function getSlot(hash: number, last: number): number {
  return (Math.imul(hash, 0x9e3779b1) >>> 8) & last;
}

function getPair(first: number, second: number): number {
  const mask = (1 << PAIR_BITS) - 1;
  return ((first & mask) << PAIR_BITS) | (second & mask);
}

/** The folded letter at a place or soon behind it; 0 when there is none. */
function readNext(text: string, start: number): number {
  for (let [index, unseen] = [start, 0]; index < text.length && unseen < MAX_UNSEEN; unseen += 1) {
    const folded = FOLDED[text.charCodeAt(index)] ?? 0;
    if (folded !== 0) return folded;
    const unit = readUnit(text, index);
    if (unit.text !== '') return fold(unit.text.charCodeAt(0));
    index = unit.end;
  }
  return 0;
}

/** Folded letters from a place on and where each stands. */
function readLetters(text: string, start: number, most: number, quoted: boolean): [letters: number[], starts: number[]] {
  const [letters, starts]: [number[], number[]] = [[], []];
  const end = Math.min(text.length, start + MAX_AHEAD);
  for (let index = start; index < end && letters.length < most;) {
    const folded = FOLDED[text.charCodeAt(index)] ?? 0;
    const unit = folded !== 0 ? null : (quoted && readQuoted(text, index)) || readUnit(text, index);
    if (!unit) letters.push(folded);
    else for (let at = 0; at < unit.text.length; at += 1) letters.push(fold(unit.text.charCodeAt(at)));
    while (starts.length < letters.length) starts.push(index);
    index = unit?.end ?? index + 1;
  }
  return [letters.slice(0, most), starts];
}

/** Where the first of the last seven letters stands. */
function getStart(starts: Int32Array, count: number): number {
  return starts[Math.max(0, count - WINDOW) & LAST] ?? 0;
}
