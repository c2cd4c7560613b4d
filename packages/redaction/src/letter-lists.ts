import { createCharacterSet, DIGITS, isIn, LETTERS } from './character-set.ts';
import { skipBackslashes } from './plain-text.ts';
import type { Span } from './span.ts';

/** 1 for a letter or a digit, also of other scripts. */
const LETTER = new Uint8Array(0x10000).fill(1, 0xc0, 0x2000).fill(1, 0x3040, 0xd800);
for (const letter of LETTERS + DIGITS) LETTER[letter.charCodeAt(0)] = 1;
const WRITTEN_BREAKS = createCharacterSet('nrt');
const BACKSLASH = 92;
/** Between two letters of a list: quotes, a comma, an escaped line break with its indentation, a short tag. */
const MAX_GAP = 24;
/** As many letters and digits as a secret of the shortest length can be expected to have. */
const MIN_LETTERS = 7;
/** The shortest list there is: a text is looked at in such strides, from the end of each, until one has no two letters side by side. */
const STRIDE = 2 * MIN_LETTERS - 1;
/** A secret may begin and end with what is no letter. */
const MARGIN = 3 * MAX_GAP;

type Holds = (joined: string) => boolean;

/**
 * Texts in which every letter stands alone between the same separators, as in `["s","k"]`, `'s', 'k'`, `s.k` or one in a line, and that hold
 * something when they are read together. Each goes as a whole.
 */
export function findLetterLists(text: string, holds: Holds, ascii: Uint8Array | null = null): Span[] {
  const spans: Span[] = [];
  for (let index = passWords(ascii, 0); index + STRIDE <= text.length; index = passWords(ascii, index)) {
    let last = index + STRIDE - 1;
    let [behind, kind] = [0, LETTER[text.charCodeAt(last)] ?? 0];
    while (last > index && (kind & behind) === 0) {
      behind = kind;
      last -= 1;
      kind = LETTER[text.charCodeAt(last)] ?? 0;
    }
    index = (kind & behind) === 0 ? readList(text, index, holds, spans) : last + 1;
  }
  return spans;
}

/** Over strides with two letters side by side, in a text that is known in bytes too: the start of the first that has none. */
function passWords(ascii: Uint8Array | null, from: number): number {
  if (!ascii) return from;
  let index = from;
  while (index + STRIDE <= ascii.length) {
    let last = index + STRIDE - 1;
    let [behind, kind] = [0, LETTER[ascii[last] ?? 0] ?? 0];
    while (last > index && (kind & behind) === 0) {
      behind = kind;
      last -= 1;
      kind = LETTER[ascii[last] ?? 0] ?? 0;
    }
    if ((kind & behind) === 0) return index;
    index = last + 1;
  }
  return index;
}

/** Up to two letters side by side or a gap that is too long. */
function readList(text: string, from: number, holds: Holds, spans: Span[]): number {
  const letters: number[] = [];
  let index = from;
  for (; index < text.length; index += 1) {
    const last = letters.at(-1) ?? index;
    if (index - last > MAX_GAP) break;
    if (!isLetter(text, index)) continue;
    if (isLetter(text, index + 1)) break;
    letters.push(index);
  }
  const [start, end] = [letters[0] ?? 0, (letters.at(-1) ?? 0) + 1];
  if (letters.length >= MIN_LETTERS && holds(joinLetters(text, letters, start, end)))
    spans.push({ start, end, rule: 'credential' });
  return Math.max(index, from + 1);
}

/** Without what stands between most of the letters. */
function joinLetters(text: string, letters: readonly number[], start: number, end: number): string {
  const gap = findGap(text, letters);
  let joined = removeGap(text.slice(Math.max(0, start - MARGIN), start), gap);
  for (const [at, letter] of letters.entries()) {
    const next = letters[at + 1] ?? end;
    joined += text.charAt(letter);
    if (!isGap(text, letter, next, gap)) joined += removeGaps(text.slice(letter + 1, next), gap);
  }
  return joined + removeGap(text.slice(end, end + MARGIN), gap);
}

/** What stands between more than half of the letters and the next one, if anything does (Boyer and Moore's vote). */
function findGap(text: string, letters: readonly number[]): string {
  let [gap, votes] = ['', 0];
  for (let at = 1; at < letters.length; at += 1) {
    const [letter = 0, next = 0] = [letters[at - 1], letters[at]];
    if (votes > 0) votes += isGap(text, letter, next, gap) ? 1 : -1;
    else [gap, votes] = [text.slice(letter + 1, next), 1];
  }
  return gap;
}

function isGap(text: string, letter: number, next: number, gap: string): boolean {
  return next - letter - 1 === gap.length && text.startsWith(gap, letter + 1);
}

function removeGap(text: string, gap: string): string {
  return gap === '' ? text : text.replaceAll(gap, '');
}

/** What is no letter and may be the same as the gap on either side of it, as a dash between dashes. */
function removeGaps(between: string, gap: string): string {
  let [kept, index] = ['', 0];
  while (gap !== '' && between.startsWith(gap, index)) {
    index += gap.length;
    // a quote with what escapes it is one
    const end = skipBackslashes(between, index) + 1;
    kept += between.slice(index, end);
    index = end;
  }
  return kept + between.slice(index);
}

/** The letter of an escaped line break is none. */
function isLetter(text: string, index: number): boolean {
  if (LETTER[text.charCodeAt(index)] !== 1) return false;
  return !(text.charCodeAt(index - 1) === BACKSLASH && isIn(WRITTEN_BREAKS, text, index));
}
