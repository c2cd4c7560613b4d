import type { HiddenTextHandling } from '../documents/profile.ts';
import { findHiddenText, type HiddenStretch, type HiddenTextRule } from './hidden-text.ts';

/** What is hidden in a result: a page may well hold comments, an icon font or a word of two scripts. */
const RULES: readonly HiddenTextRule[] = ['tags', 'variation-selectors', 'zero-width', 'direction', 'control'];

/** A command to a terminal as a whole, with the text that it carries. An unfinished one goes as far as a terminal would take it, in bounds. */
const COMMAND = new RegExp(
  [
    '[\\u001B\\u009B]+(?=[\\u001B\\u009B])',
    '(?:\\u001B\\[|\\u009B)[0-?]{0,64}[ -/]{0,8}[@-~]?',
    '(?:\\u001B[\\]PX^_]|[\\u0090\\u0098\\u009D-\\u009F])[^\\u0007\\u001B\\u009C]{0,4096}(?:\\u0007|\\u001B\\\\|\\u009C)?',
    '\\u001B[ -/]{0,4}[0-~]?',
  ].join('|'),
  'gu',
);
/** Colours and the weight of letters, among which only number 8 makes letters unseen; within a colour it is a shade. */
const STYLE = /^.\[([\d;:]{0,64})m$/su;
const COLOUR = /[345]8[;:](?:5[;:]\d{1,3}|2(?:[;:]\d{0,3}){3,5})/g;

/**
 * Whether a JSON text may hold hidden text: a quick look that spares nearly all of them the slow one. `ascii`: the same text as bytes, where it is known to be ASCII
 * without control characters, as JSON writes it: then all that may be hidden is escaped.
 */
export function mayHoldHiddenText(json: string, ascii: Buffer | null = null): boolean {
  if (ascii?.includes(BACKSLASH) === false) return ascii.includes(DELETE);
  return SUSPECT.test(json);
}

const [BACKSLASH, DELETE] = [0x5c, 0x7f];
const SUSPECT =
  /[\u007F-\u009F\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|\\u00(?:[01]|7f|[89])|\\[bf]|\\r(?!\\n)/iu;

/** What programs compare text with or set it with, letter by letter, and what its source therefore holds between quotes. */
const LETTERS_OF_PROGRAMS: ReadonlySet<string> = new Set(
  '\u200B \u200C \u200D \u200E \u200F \u2060 \u061C \uFE0E \uFE0F \uFEFF'.split(' '),
);
/** So many of them tell a model nothing; more may be a text that is written with them. */
const MOST_LETTERS = 64;

/**
 * Takes out what a person would not see as a model reads it, or puts a mark in its place. `rules`: one for each stretch. In the source of a program
 * (`isProgram`) a few such characters, each by itself, are what it works with, and taking them out would break it.
 */
export function removeHiddenText(
  text: string,
  handling: HiddenTextHandling,
  isProgram = false,
): { text: string; rules: HiddenTextRule[] } {
  const found = mergeStretches([...findHiddenText(text, RULES), ...findCommands(text)]);
  const stretches = isProgram ? leaveLetters(text, found) : found;
  const rules = stretches.map(({ rule }) => rule);
  if (handling === 'pass' || stretches.length === 0) return { text, rules };
  let [clean, position] = ['', 0];
  for (const { start, end } of stretches) {
    clean += text.slice(position, start);
    clean += handling === 'mark' ? describeRemoved(text.slice(start, end)) : isBetweenHalves(text, start, end) ? '\uFFFD' : '';
    position = end;
  }
  return { text: clean + text.slice(position), rules };
}

function leaveLetters(text: string, stretches: HiddenStretch[]): HiddenStretch[] {
  const others = stretches.filter(({ start, end }) => !LETTERS_OF_PROGRAMS.has(text.slice(start, end)));
  return stretches.length - others.length > MOST_LETTERS ? stretches : others;
}

/** Whether two halves would become one character, which could be a hidden one, when nothing stands between them any more. */
function isBetweenHalves(text: string, start: number, end: number): boolean {
  const [before, behind] = [text.charCodeAt(start - 1), text.charCodeAt(end)];
  return before >= 0xd800 && before < 0xdc00 && behind >= 0xdc00 && behind < 0xe000;
}

function describeRemoved(hidden: string): string {
  const count = Array.from(hidden).length;
  return `[hidden text removed: ${count} ${count === 1 ? 'character' : 'characters'}]`;
}

function findCommands(text: string): HiddenStretch[] {
  return Array.from(text.matchAll(COMMAND))
    .filter(([command]) => !isStyle(command))
    .map(({ index, 0: command }) => ({ start: index, end: index + command.length, rule: 'terminal' }));
}

function isStyle(command: string): boolean {
  const numbers = STYLE.exec(command)?.[1];
  return numbers !== undefined && !numbers.replaceAll(COLOUR, '').split(/[;:]/).map(Number).includes(8);
}

/** Stretches that touch are one, so that a tag for each letter leaves one mark. */
function mergeStretches(found: HiddenStretch[]): HiddenStretch[] {
  const merged: HiddenStretch[] = [];
  for (const stretch of found.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && stretch.start <= last.end) last.end = Math.max(last.end, stretch.end);
    else merged.push({ ...stretch });
  }
  return merged;
}
