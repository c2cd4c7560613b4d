import { createCharacterSet, DIGITS, isIn, LETTERS } from './character-set.ts';
import type { Span } from './span.ts';

/** What a word is made of, as bits: a word of hex digits alone has only the first two. */
const [DIGIT, HEX_LETTER, OTHER_LETTER] = [1, 2, 4];
const KINDS = new Uint8Array(0x10000);
for (const digit of DIGITS) KINDS[digit.charCodeAt(0)] = DIGIT;
for (const letter of LETTERS) KINDS[letter.charCodeAt(0)] = /[a-f]/i.test(letter) ? HEX_LETTER : OTHER_LETTER;
const HEX_MARK = createCharacterSet('xX');
const [BACKSLASH, ZERO] = [92, 48];
const MAX_DIGITS = 8;
/** Between two numbers of a list: a comma, a blank, quotes, a colon, an escaped line break with its indentation. */
const MAX_GAP = 40;
const MIN_NUMBERS = 4;

/** How a number can be read: of decimals each is a byte, of hex digits each pair is. */
const [AS_DECIMAL, AS_HEX] = [1, 2];

interface Run {
  start: number;
  end: number;
  numbers: string[];
  reading: number;
}

/**
 * Texts that are written as numbers, `[115, 101]`, `0x73, 0x65`, `73:65:63` or `{"0":115,"1":101}`, and that hold something when they are
 * read as bytes. Each goes as a whole.
 */
export function findByteLists(text: string, holds: (decoded: string) => boolean): Span[] {
  return LIST.test(text) ? findLists(text, holds) : [];
}

/** Five numbers in a row: a quick look that spares most texts the slow one. */
const LIST = /\d(?:(?:[^0-9A-Za-z]|\\[nrt]){1,40}(?:0[xX])?[0-9A-Fa-f]{2,8}){4}/;

function findLists(text: string, holds: (decoded: string) => boolean): Span[] {
  const spans: Span[] = [];
  let run: Run | null = null;
  let [start, kinds] = [0, 0];
  for (let index = 0; index <= text.length; index += 1) {
    const kind = index < text.length ? (KINDS[text.charCodeAt(index)] ?? 0) : 0;
    if (kind !== 0) {
      if (kinds === 0) start = index;
      kinds |= kind;
      continue;
    }
    if (kinds === 0) continue;
    const from = (kinds & OTHER_LETTER) === 0 ? start : skipMarks(text, start);
    kinds = 0;
    if (from === index) continue;
    const reading = readAs(text, from, index);
    if (run && (run.reading & reading) !== 0 && from - run.end <= MAX_GAP) {
      run.numbers.push(text.slice(from, index));
      run.end = index;
      run.reading &= reading;
      continue;
    }
    if (run && holdsAny(run, holds)) spans.push({ start: run.start, end: run.end, rule: 'credential' });
    run = reading === 0 ? null : { start: from, end: index, numbers: [text.slice(from, index)], reading };
  }
  if (run && holdsAny(run, holds)) spans.push({ start: run.start, end: run.end, rule: 'credential' });
  return spans;
}

/** Leaves out the `0x` of a number and the letter of an escaped line break before it. */
function skipMarks(text: string, start: number): number {
  if (text.charCodeAt(start - 1) === BACKSLASH) return start + 1;
  return text.charCodeAt(start) === ZERO && isIn(HEX_MARK, text, start + 1) ? start + 2 : start;
}

function readAs(text: string, start: number, end: number): number {
  const length = end - start;
  if (length > MAX_DIGITS) return 0;
  let kinds = 0;
  for (let index = start; index < end; index += 1) kinds |= KINDS[text.charCodeAt(index)] ?? OTHER_LETTER;
  if ((kinds & OTHER_LETTER) !== 0) return 0;
  return (kinds === DIGIT && length <= 3 ? AS_DECIMAL : 0) | (length % 2 === 0 ? AS_HEX : 0);
}

function holdsAny({ numbers, reading }: Run, holds: (decoded: string) => boolean): boolean {
  if (numbers.length < MIN_NUMBERS) return false;
  const readings = (reading & AS_HEX) === 0 ? [] : [Buffer.from(numbers.join(''), 'hex')];
  if ((reading & AS_DECIMAL) !== 0) {
    const bytes = numbers.map(Number);
    readings.push(Buffer.from(bytes), Buffer.from(bytes.filter((_, index) => index % 2 === 1)));
  }
  return readings.some((bytes) => holds(bytes.toString('utf8')));
}
