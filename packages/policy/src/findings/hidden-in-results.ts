import type { HiddenTextHandling } from '../documents/profile.ts';
import { hideAllowed, type HiddenTextRule } from './hidden-text.ts';
import { HiddenUnits } from './hidden-units.ts';
import { noteTerminalCommands, TERMINAL_STARTS } from './terminal-commands.ts';
import { noteTurnedText } from './turned-text.ts';
import { noteUnseenCharacters } from './unseen-characters.ts';

/** What hidden text in results is made of, in a text and in JSON, where an escape is written as letters. */
const SUSPECT = new RegExp(`(?!\\u00AD)[${TERMINAL_STARTS}\\u2800\\uFFF9-\\uFFFB\\p{Default_Ignorable_Code_Point}]`, 'u');
const SUSPECT_JSON = new RegExp(`${SUSPECT.source}|\\\\u001[Bb]`, 'u');
const BACKSLASH = 0x5c;

/**
 * Whether a JSON text may hold hidden text: a quick look that spares nearly all of them the slow one. `ascii`: the same text as bytes, where it is known to be ASCII
 * without control characters, as JSON writes it: then all that may be hidden is escaped.
 */
export function mayHoldHiddenText(json: string, ascii: Buffer | null = null): boolean {
  return ascii?.includes(BACKSLASH) !== false && SUSPECT_JSON.test(json);
}

/** Marks in words in one text, the last of which stands for all that follow. */
const MOST_IN_TEXT = 4;
/** What stands for a place behind the last mark of an answer: no longer than anything hidden. */
const SHORT_MARK = '\uFFFD';
/** How often what is left is looked at again, as taking something out may put a command together. */
const MOST_ROUNDS = 3;
const COMMAND_STARTS = new RegExp(`[${TERMINAL_STARTS}]`, 'g');

/** The marks in words that one answer still gets: it may be a list of a million texts, and must not grow by a mark in each. */
export class MarksLeft {
  #left: number;

  constructor(left = 16) {
    this.#left = left;
  }

  take(): boolean {
    this.#left -= 1;
    return this.#left >= 0;
  }
}

/** What was found in a text, and the text as it may go on. */
interface CleanText {
  text: string;
  places: number;
  /** of which kinds, each once */
  rules: readonly HiddenTextRule[];
}

/**
 * Takes out of an answer what tells a model something that a person does not see, or puts marks in its place: commands to a terminal that hide text, letters that are shown in
 * another order, and unseen characters that are a message. Everything else stays, letter for letter. The text becomes longer by no more than a fixed number of bytes.
 */
export function removeHiddenText(text: string, handling: HiddenTextHandling, marks = new MarksLeft()): CleanText {
  const hidden = SUSPECT.test(text) ? find(text) : null;
  if (!hidden || hidden.rules.length === 0) return { text, places: 0, rules: [] };
  const { rules } = hidden;
  const { clean, places } = write(text, hidden, handling === 'mark' ? marks : null);
  if (handling === 'pass') return { text, places, rules };
  return { text: SUSPECT.test(clean) ? removeWhatCameTogether(clean) : clean, places, rules };
}

function find(text: string): HiddenUnits {
  const hidden = new HiddenUnits(text);
  noteTerminalCommands(text, hidden);
  noteTurnedText(text, hidden);
  noteUnseenCharacters(text, hidden, hideAllowed);
  return hidden;
}

function removeWhatCameTogether(text: string): string {
  let clean = text;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const hidden = find(clean);
    if (hidden.rules.length === 0) return clean;
    clean = write(clean, hidden, null).clean;
  }
  // whoever nests them deeper means no terminal
  return clean.replace(COMMAND_STARTS, SHORT_MARK);
}

/** Without what is hidden, in one piece of memory; `marks`: with marks in its place. */
function write(text: string, hidden: HiddenUnits, marks: MarksLeft | null): { clean: string; places: number } {
  const out = new TextWriter(text.length + MOST_IN_TEXT * MOST_MARK);
  let [places, inWords] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    if (!hidden.has(at)) out.write(text.charCodeAt(at), hidden.has(at - 1));
    if (!hidden.isFirst(at)) continue;
    places += 1;
    if (!marks || inWords === MOST_IN_TEXT) continue;
    if (marks.take()) {
      inWords += 1;
      out.writeAll(describeFrom(text, hidden, at, inWords === MOST_IN_TEXT));
    } else out.writeAll(SHORT_MARK);
  }
  return { clean: out.end(), places };
}

const MOST_MARK = '[hidden text removed: 00,000,000 characters here and after]'.length;

/** `isLast`: all that is taken out from here on, else what is up to the next place. */
function describeFrom(text: string, hidden: HiddenUnits, start: number, isLast: boolean): string {
  let [count, lastEnd, isApart] = [0, start, false];
  for (let at = start; at < text.length && (at === start || isLast || !hidden.isFirst(at)); at += 1) {
    if (!hidden.has(at)) continue;
    isApart ||= at > lastEnd;
    lastEnd = at + 1;
    if (!isSecondHalf(text, at)) count += 1;
  }
  return `[hidden text removed: ${count} ${count === 1 ? 'character' : 'characters'}${isApart ? ' here and after' : ''}]`;
}

const isLow = (unit: number) => unit >= 0xdc00 && unit < 0xe000;
const isHigh = (unit: number) => unit >= 0xd800 && unit < 0xdc00;
const isSecondHalf = (text: string, at: number) => isLow(text.charCodeAt(at)) && isHigh(text.charCodeAt(at - 1));

/** Where short texts are put together, one after the other. */
const SHORT = new Uint16Array(4_096);

/** Puts units together to a text. Joining pieces would take many times the memory, and slices keep what they were cut from. */
class TextWriter {
  readonly #units: Uint16Array;
  #length = 0;

  constructor(most: number) {
    this.#units = most > SHORT.length ? new Uint16Array(most) : SHORT;
  }

  /** `isBehindGap`: something was taken out before it. Two halves must not become one character, which could be a hidden one. */
  write(unit: number, isBehindGap: boolean): void {
    if (isBehindGap && isLow(unit) && isHigh(this.#units[this.#length - 1] ?? 0)) this.#push(0xfffd);
    this.#push(unit);
  }

  writeAll(text: string): void {
    for (let at = 0; at < text.length; at += 1) this.#push(text.charCodeAt(at));
  }

  end(): string {
    const { buffer, byteOffset } = this.#units;
    return Buffer.from(buffer, byteOffset, this.#length * 2).toString('utf16le');
  }

  #push(unit: number): void {
    this.#units[this.#length] = unit;
    this.#length += 1;
  }
}
