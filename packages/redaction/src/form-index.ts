import { fold, FOLDED, learn } from './fold.ts';
import { FormSearch, SearchedForm, WINDOW, type Reading } from './form-search.ts';
import { addLetter, BLOCK, LetterBlocks, LetterStretches } from './letter-blocks.ts';
import { LetterRuns } from './letter-runs.ts';
import { EQUALS, readLone, readQuoted, readUnit, skipBackslashes, skipSilent, skipWrittenBreak } from './plain-text.ts';
import { QuotedAhead } from './quoted-ahead.ts';
import type { Span } from './span.ts';
import type { WrittenForm } from './written-forms.ts';

const SHIFT = 5;
/** Letters that a closer look takes; one place may stand for several. */
const MOST_READ = 64;
const FEWEST_SLOTS = 1 << 16;
const SLOTS_PER_FORM = 64;
const PAIR_BITS = 7;
/** Escapes are short; in a longer one nobody looks for a secret that begins within it. */
const MAX_INSIDE = 4;
/** Characters in which the first letters of a secret have to lie when it begins within an escape or is written as quoted-printable. */
const MAX_AHEAD = 128;
/** What is not seen between two of the first letters of a secret that begins within an escape. */
const MAX_UNSEEN = 4;

/** What is shifted out of 32 bits is forgotten, so the hash depends on the last seven letters alone and rolls with one shift. */
function roll(hash: number, letter: number): number {
  return ((hash << SHIFT) ^ letter) | 0;
}

const NONE: readonly SearchedForm[] = [];

/** How far a text was read. */
interface Place {
  index: number;
  /** the last four letters */
  block: number;
  readonly runs: LetterRuns;
  readonly stretches: LetterStretches | null;
  /** made at the first equals sign with which something else may be meant */
  ahead: QuotedAhead | null;
}

/**
 * Forms of secrets by their beginnings. A text is read once, in plain and in blocks of four letters. Few of them stand anywhere in the first
 * seven letters of a form; at those the seven letters are compared by a hash, which points to the forms that may start there.
 */
export class FormIndex {
  readonly #forms = new Map<number, SearchedForm[]>();
  /** at least at every fourth letter there is one: it lies whole within the first seven letters of a form */
  readonly #blocks: Uint8Array;
  readonly #written: LetterBlocks;
  /** pairs of folded letters with which a form begins */
  readonly #pairs = new Uint8Array(1 << (2 * PAIR_BITS));

  /** the letters that were read for a closer look, and where each stands */
  readonly #letters = new Int32Array(MOST_READ);
  readonly #starts = new Int32Array(MOST_READ);

  constructor(written: readonly WrittenForm[]) {
    const unique = new Map(written.map((form) => [`${form.kind} ${form.text} ${form.rest}`, form]));
    this.#blocks = new Uint8Array(Math.max(FEWEST_SLOTS, 2 ** Math.ceil(Math.log2(unique.size * SLOTS_PER_FORM))));
    this.#written = new LetterBlocks(this.#blocks.length);
    for (const form of unique.values()) {
      if (form.text.length < WINDOW) continue;
      const letters = Array.from({ length: WINDOW }, (_, at) => fold(form.text.charCodeAt(at)));
      for (let at = 0; at + BLOCK <= WINDOW; at += 1) {
        const block = letters.slice(at, at + BLOCK);
        this.#blocks[toSlot(block.reduce(addLetter, 0), this.#blocks.length - 1)] = 1;
        this.#written.add(block);
      }
      this.#pairs[getPair(letters[0] ?? 0, letters[1] ?? 0)] = 1;
      const hash = letters.reduce(roll, 0);
      this.#forms.set(hash, [...(this.#forms.get(hash) ?? []), new SearchedForm(form)]);
    }
  }

  /** `ascii`: the same text as bytes, where it is ASCII without control characters. */
  find(text: string, ascii: Buffer | null = null): Span[] {
    const search = new FormSearch(text);
    const stretches = ascii && new LetterStretches(ascii);
    const place: Place = { index: 0, block: 0, runs: new LetterRuns(), ahead: null, stretches };
    while (place.index < text.length) {
      this.#readLetters(search, place);
      if (place.index < text.length) this.#readOther(search, place);
    }
    return search.spans;
  }

  /** Letters that stand for themselves, by four, and what stands alone or says nothing between them. Here goes nearly all the time. */
  #readLetters(search: FormSearch, place: Place): void {
    const { text } = search;
    const blocks = this.#blocks;
    const mask = blocks.length - 1;
    const { stretches } = place;
    let { index, block } = place;
    while (index < text.length) {
      if (stretches) {
        const passed = stretches.pass(this.#written, index);
        if (passed > index) block = stretches.readBlock(passed);
        index = passed;
      }
      const first = FOLDED[text.charCodeAt(index)] ?? 0;
      if (first !== 0 && index + BLOCK <= text.length) {
        const second = FOLDED[text.charCodeAt(index + 1)] ?? 0;
        const third = FOLDED[text.charCodeAt(index + 2)] ?? 0;
        const fourth = FOLDED[text.charCodeAt(index + 3)] ?? 0;
        if (second === 0) {
          block = addLetter(block, first);
          index += 1;
        } else if (third === 0) {
          block = (block << 16) ^ (first << 8) ^ second;
          index += 2;
        } else if (fourth === 0) {
          block = (block << 24) ^ (first << 16) ^ (second << 8) ^ third;
          index += 3;
        } else {
          block = (first << 24) ^ (second << 16) ^ (third << 8) ^ fourth;
          index += BLOCK;
        }
        if (blocks[toSlot(block, mask)] === 1) index = this.#lookBack(search, place.runs, index);
        continue;
      }
      let end = first === 0 ? skipSilent(text, index) : index;
      if (end === index) {
        const letter = first || readLone(text, index);
        if (letter === 0) {
          end = this.#skipBreak(text, index);
          if (end === index) break;
          place.runs.end(index, end);
        } else {
          block = addLetter(block, letter);
          end = index + 1;
          if (blocks[toSlot(block, mask)] === 1) end = this.#lookBack(search, place.runs, end);
        }
      }
      index = end;
    }
    place.index = index;
    place.block = block;
  }

  /** What is written otherwise than by its own letters. */
  #readOther(search: FormSearch, place: Place): void {
    const { text } = search;
    const { index, runs } = place;
    if (text.charCodeAt(index) === EQUALS) return this.#readEquals(search, place);
    const unit = readUnit(text, index);
    if (unit.end - index > 1) this.#lookInside(search, index + 1, Math.min(unit.end, index + MAX_INSIDE));
    else learn(text.charCodeAt(index), unit);
    let mayHold = false;
    for (let at = 0; at < unit.text.length; at += 1) {
      place.block = addLetter(place.block, fold(unit.text.charCodeAt(at)));
      mayHold ||= this.#mayHold(place.block);
    }
    runs.end(index, index);
    runs.addEscape(index, unit.end, unit.text.length);
    place.index = unit.text === '' ? skipRepeated(text, index, unit.end) : unit.end;
    if (mayHold) this.#lookBack(search, runs, unit.end, unit.text.length);
  }

  /** At what may have begun before the last letters. Returns how far the text needs no further look. */
  #lookBack(search: FormSearch, runs: LetterRuns, index: number, letters = 1): number {
    const [start, before] = runs.findStart(search.text, index, WINDOW - 1 + letters);
    const end = this.#compare(search, start, before + WINDOW - BLOCK, 'plain');
    if (end <= index) return index;
    runs.end(index, end);
    return end;
  }

  /** Behind a line break as JSON writes it, with its indentation; at the same place when a secret may begin with its letter. */
  #skipBreak(text: string, index: number): number {
    const letter = skipBackslashes(text, index);
    if (letter === index) return index;
    const next = FOLDED[text.charCodeAt(letter + 1)] ?? 0;
    if (next === 0 || this.#pairs[getPair(FOLDED[text.charCodeAt(letter)] ?? 0, next)] === 1) return index;
    const end = skipWrittenBreak(text, letter);
    const mayBegin =
      end > letter + 1 && this.#pairs[getPair(FOLDED[text.charCodeAt(end - 1)] ?? 0, FOLDED[text.charCodeAt(end)] ?? 0)] === 1;
    return end === 0 || mayBegin ? index : end;
  }

  /** A secret that begins within what was read as an escape, as right behind a backslash. */
  #lookInside(search: FormSearch, from: number, to: number): void {
    const { text } = search;
    for (let start = from; start < to; start += 1) {
      const first = FOLDED[text.charCodeAt(start)] ?? 0;
      if (first !== 0 && this.#pairs[getPair(first, readNext(text, start + 1))] === 1)
        this.#compare(search, start, WINDOW, 'inside');
    }
  }

  /**
   * An equals sign, which may also make a letter of what follows as in quoted-printable. Here for one of the first letters of a secret; any later
   * one is seen while it is followed.
   */
  #readEquals(search: FormSearch, place: Place): void {
    const { text } = search;
    const { index, runs } = place;
    place.ahead ??= new QuotedAhead(text);
    let [next, mayHold] = [place.block, false];
    for (const letter of place.ahead.read(index, Math.min(text.length, index + MAX_AHEAD), BLOCK)) {
      next = addLetter(next, letter);
      mayHold ||= this.#mayHold(next);
    }
    if (mayHold) {
      const [start, before] = runs.findStart(text, index, WINDOW - 1);
      this.#compare(search, start, before + WINDOW, 'quoted');
    }
    place.block = addLetter(place.block, EQUALS);
    place.index += 1;
    if (this.#mayHold(place.block)) this.#lookBack(search, runs, place.index);
  }

  /** Follows every form that begins with letters that stand at a place or soon behind it. Returns how far the text needs no further look. */
  #compare(search: FormSearch, from: number, most: number, reading: Reading): number {
    const count = this.#read(search.text, from, most, reading);
    let [hash, end] = [0, 0];
    for (let at = 0; at < count; at += 1) {
      hash = roll(hash, this.#letters[at] ?? 0);
      if (at + 1 < WINDOW) continue;
      for (const form of this.#forms.get(hash) ?? NONE)
        end = Math.max(end, search.follow(form, this.#starts[at + 1 - WINDOW] ?? 0, reading));
    }
    return end;
  }

  /** Notes the letters from a place on and where each stands. Returns how many. */
  #read(text: string, from: number, most: number, reading: Reading): number {
    const end = reading === 'plain' ? text.length : Math.min(text.length, from + MAX_AHEAD);
    let [count, unseen] = [0, 0];
    for (let index = from; index < end && count < most && (reading !== 'inside' || unseen <= MAX_UNSEEN);) {
      const folded = FOLDED[text.charCodeAt(index)] ?? 0;
      if (folded !== 0) {
        this.#letters[count] = folded;
        this.#starts[count] = index;
        count += 1;
        index += 1;
        continue;
      }
      const unit = (reading === 'quoted' && readQuoted(text, index)) || readUnit(text, index);
      for (let at = 0; at < unit.text.length && count < most; at += 1) {
        this.#letters[count] = fold(unit.text.charCodeAt(at));
        this.#starts[count] = index;
        count += 1;
      }
      unseen = unit.text === '' ? unseen + 1 : 0;
      index = unit.end;
    }
    return count;
  }

  #mayHold(block: number): boolean {
    return this.#blocks[toSlot(block, this.#blocks.length - 1)] === 1;
  }
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

/** Over what is not seen and is written again and again, up to the last of it: how any of it reads depends on what follows soon. */
function skipRepeated(text: string, start: number, end: number): number {
  const length = end - start;
  let same = end + MAX_AHEAD;
  if (text.charCodeAt(same) !== text.charCodeAt(same - length)) return end;
  for (same = end; text.charCodeAt(same) === text.charCodeAt(same - length);) same += 1;
  return end + Math.max(0, Math.floor((same - end - MAX_AHEAD) / length) * length);
}

function toSlot(block: number, mask: number): number {
  return (Math.imul(block, 0x9e3779b1) >>> 8) & mask;
}
