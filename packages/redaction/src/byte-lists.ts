import { DIGITS, LETTERS } from './character-set.ts';
import type { Span } from './span.ts';

/** What a word is made of, as bits: a word of hex digits alone has only the first two. A foreign letter is no part of any list. */
const [DIGIT, HEX_LETTER, OTHER_LETTER, FOREIGN] = [1, 2, 4, 8];
const KINDS = new Uint8Array(0x10000);
for (const digit of DIGITS) KINDS[digit.charCodeAt(0)] = DIGIT;
for (const letter of LETTERS)
  KINDS[letter.charCodeAt(0)] = /[a-f]/i.test(letter)
    ? HEX_LETTER
    : /[nrtxX]/.test(letter)
      ? OTHER_LETTER
      : OTHER_LETTER | FOREIGN;
// of scripts with other letters
KINDS.fill(OTHER_LETTER | FOREIGN, 0x370, 0x2000).fill(OTHER_LETTER | FOREIGN, 0x3040, 0xd800);
const [BACKSLASH, ZERO, SMALL_X] = [92, 48, 120];
const CASE = 32;
const [MAX_DECIMALS, MAX_DIGITS] = [3, 8];
/** Between two numbers of a list: a comma, a blank, quotes, a colon, an escaped line break with its indentation. */
const MAX_GAP = 40;
const MIN_NUMBERS = 4;
/** Decimals in a row that may be letters before a list is decoded: as many as the shortest secret has. */
const MIN_LETTERS = 8;
const [FIRST_SEEN, LAST_BYTE] = [32, 255];
/** The shortest list there is: a text is looked at in such strides, from the end of each, until one has no foreign letter. */
const STRIDE = 19;
const MARK = /0x|\\[a-z]/gi;
const NUMBER = /[0-9a-f]+/gi;

type Holds = (decoded: string) => boolean;

/**
 * Texts that are written as numbers, `[115, 101]`, `0x73, 0x65`, `73:65:63` or `{"0":115,"1":101}`, and that hold something when they are
 * read as bytes. Each goes as a whole.
 */
export function findByteLists(text: string, holds: Holds, ascii: Uint8Array | null = null): Span[] {
  const spans: Span[] = [];
  for (let index = passForeign(ascii, 0); index + STRIDE <= text.length; index = passForeign(ascii, index)) {
    let foreign = index + STRIDE - 1;
    while (foreign >= index && (getKind(text, foreign) & FOREIGN) === 0) foreign -= 1;
    index = foreign < index ? readLists(text, index, holds, spans) : foreign + 1;
  }
  return spans;
}

/** Over strides with a foreign letter, in a text that is known in bytes too: the start of the first that has none. */
function passForeign(ascii: Uint8Array | null, from: number): number {
  if (!ascii) return from;
  let index = from;
  while (index + STRIDE <= ascii.length) {
    let foreign = index + STRIDE - 1;
    while (foreign >= index && ((KINDS[ascii[foreign] ?? 0] ?? 0) & FOREIGN) === 0) foreign -= 1;
    if (foreign < index) return index;
    index = foreign + 1;
  }
  return index;
}

/** Up to the next foreign letter. A number may belong to a list of decimals and to one of hex digits. */
function readLists(text: string, from: number, holds: Holds, spans: Span[]): number {
  const decimals = new List(text, toBytes, MIN_LETTERS);
  const hexes = new List(text, (numbers) => [Buffer.from(numbers.join(''), 'hex')], MIN_NUMBERS);
  let index = skipWord(text, from);
  for (let kinds = 0; index < text.length && (kinds & FOREIGN) === 0; index += 1) {
    if (getKind(text, index) === 0) continue;
    const word = index;
    kinds = 0;
    for (let kind = getKind(text, index); kind !== 0; kind = getKind(text, index)) {
      kinds |= kind;
      index += 1;
    }
    const start = (kinds & OTHER_LETTER) === 0 ? word : skipMarks(text, word);
    if (start === index) continue;
    const digits = start === word ? kinds : listKinds(text, start, index);
    const length = (digits & OTHER_LETTER) === 0 && index - start <= MAX_DIGITS ? index - start : 0;
    const isDecimal = digits === DIGIT && length > 0 && length <= MAX_DECIMALS;
    if (isDecimal) decimals.add(start, index, isSeen(text, start, index), holds, spans);
    else decimals.close(holds, spans);
    if (length > 0 && length % 2 === 0) hexes.add(start, index, true, holds, spans);
    else hexes.close(holds, spans);
  }
  decimals.close(holds, spans);
  hexes.close(holds, spans);
  return index;
}

/** Numbers that follow each other. */
class List {
  readonly #text: string;
  readonly #decode: (numbers: string[]) => Buffer[];
  readonly #least: number;
  #start = 0;
  #end = 0;
  #count = 0;
  /** numbers in a row that may be letters, whatever stands between each two of them as in `"0":115,"1":101` */
  #streak = 0;
  #wasLetter = false;
  #mayBeText = false;

  constructor(text: string, decode: (numbers: string[]) => Buffer[], least: number) {
    this.#text = text;
    this.#decode = decode;
    this.#least = least;
  }

  add(start: number, end: number, isLetter: boolean, holds: Holds, spans: Span[]): void {
    if (this.#count > 0 && start - this.#end > MAX_GAP) this.close(holds, spans);
    if (this.#count === 0) this.#start = start;
    this.#end = end;
    this.#count += 1;
    this.#streak = isLetter ? this.#streak + 1 : this.#wasLetter ? this.#streak : 0;
    this.#wasLetter = isLetter;
    this.#mayBeText ||= this.#streak >= this.#least;
  }

  close(holds: Holds, spans: Span[]): void {
    if (this.#mayBeText) {
      const numbers = this.#text.slice(this.#start, this.#end).replace(MARK, ' ').match(NUMBER) ?? [];
      if (this.#decode(numbers).some((bytes) => holds(bytes.toString('utf8'))))
        spans.push({ start: this.#start, end: this.#end, rule: 'credential' });
    }
    this.#count = this.#streak = 0;
    this.#wasLetter = this.#mayBeText = false;
  }
}

/** All of them, or every other one: their neighbours may be keys. */
function toBytes(numbers: string[]): Buffer[] {
  const bytes = numbers.map(Number);
  return [bytes, ...[0, 1].map((half) => bytes.filter((_, index) => index % 2 === half))].map((list) => Buffer.from(list));
}

function getKind(text: string, index: number): number {
  return KINDS[text.charCodeAt(index)] ?? 0;
}

/** Behind the rest of a word that began before. */
function skipWord(text: string, from: number): number {
  let index = from;
  while (from > 0 && getKind(text, from - 1) !== 0 && getKind(text, index) !== 0) index += 1;
  return index;
}

/** Leaves out the `0x` of a number and the letter of an escaped line break before it. */
function skipMarks(text: string, start: number): number {
  if (text.charCodeAt(start - 1) === BACKSLASH) return start + 1;
  return text.charCodeAt(start) === ZERO && (text.charCodeAt(start + 1) | CASE) === SMALL_X ? start + 2 : start;
}

function listKinds(text: string, start: number, end: number): number {
  let kinds = 0;
  for (let index = start; index < end; index += 1) kinds |= getKind(text, index);
  return kinds;
}

/** Of up to three decimal digits. */
function isSeen(text: string, start: number, end: number): boolean {
  let value = 0;
  for (let index = start; index < end; index += 1) value = value * 10 + text.charCodeAt(index) - ZERO;
  return value >= FIRST_SEEN && value <= LAST_BYTE;
}
