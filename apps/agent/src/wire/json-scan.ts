import { isKeptByDouble } from '@gatehouse/policy/documents/exact-number';

import { isEscaped, MOST_REWRITTEN, refuseRewritten } from './json-bounds.ts';

/** Where a member of an object, or an item of a list, stands in a text. */
export interface Member {
  /** of the key, quotes included; both are `start` for an item */
  keyStart: number;
  keyEnd: number;
  /** of the value */
  start: number;
  end: number;
  /** those of the value, where it is an object or a list; null where nobody looked for them */
  members: Member[] | null;
}

/** What one walk over a JSON text finds. */
export interface JsonScan {
  /** those of the outermost object or list, each with its own */
  members: Member[];
  /** keys of all objects, repeated ones included */
  keys: number;
  /** most lists and objects that are open at once */
  depth: number;
  /** `JSON.stringify` would write no letter of it in another way */
  plain: boolean;
  /** a number is written in another way than ECMAScript writes it */
  respelled: boolean;
  /** where each number stands that no double keeps: of the first its start and its end, then of the next */
  exact: number[];
  /** where each key stands that is written with an escape, quotes included: as above */
  escaped: number[];
}

/** Told of every token that can be ambiguous. May throw. */
export interface JsonCensor {
  open(isObject: boolean, depth: number): void;
  close(): void;
  /** `raw`: what stands between the quotes */
  takeText(raw: string): void;
  takeKey(raw: string): void;
  takeNumber(raw: string): void;
}

const [QUOTE, COMMA, COLON, MINUS, ZERO, NINE] = [0x22, 0x2c, 0x3a, 0x2d, 0x30, 0x39];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const BLANK = 0x20;
/** How deep members are noted: those of a message, and those of its params or result. */
const NOTED_LEVELS = 2;
/** Digits of which a double keeps every number. */
const SAFE_LENGTH = 15;

/** Walks once over a text that is known to be JSON, in time proportional to its length. Throws what the censor throws, and JsonTooRich. */
export function scanJson(text: string, censor: JsonCensor | null = null): JsonScan {
  return new Scanner(text, censor).scan();
}

class Scanner {
  readonly #found: JsonScan;
  readonly #text: string;
  readonly #censor: JsonCensor | null;
  readonly #hasEscapes: boolean;
  /** open lists and objects */
  #depth = 0;
  /** the lists among those whose members are noted */
  readonly #isList = [false, false, false];
  readonly #open: (Member | null)[] = [null, null, null];
  /** the text that was read last, with its quotes */
  #textStart = 0;
  #textEnd = 0;

  constructor(text: string, censor: JsonCensor | null) {
    this.#text = text;
    this.#censor = censor;
    this.#hasEscapes = text.includes('\\');
    // also of what is no escape, as in "C:\\users": then nothing is lost but time
    const plain = !this.#hasEscapes || !/\\[u/]/.test(text);
    this.#found = { members: [], keys: 0, depth: 0, plain, respelled: false, exact: [], escaped: [] };
  }

  scan(): JsonScan {
    const text = this.#text;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) at = this.#readText(at);
      else if (code === COMMA) this.#endItem(at);
      else if (code === COLON) this.#readKey(at);
      else if (code === OPEN_OBJECT || code === OPEN_LIST) this.#enter(at, code === OPEN_LIST);
      else if (code === CLOSE_OBJECT || code === CLOSE_LIST) this.#leave(at);
      else if (code === MINUS || (code >= ZERO && code <= NINE)) at = this.#readNumber(at);
      else if (code <= BLANK) this.#found.plain = false;
    }
    return this.#found;
  }

  /** The place of the quote at its end. */
  #readText(start: number): number {
    const text = this.#text;
    let end = text.indexOf('"', start + 1);
    while (this.#hasEscapes && isEscaped(text, end)) end = text.indexOf('"', end + 1);
    this.#textStart = start;
    this.#textEnd = end + 1;
    this.#censor?.takeText(text.slice(start + 1, end));
    return end;
  }

  /** The text that was read last is a key. */
  #readKey(colon: number): void {
    this.#found.keys += 1;
    this.#censor?.takeKey(this.#text.slice(this.#textStart + 1, this.#textEnd - 1));
    if (this.#hasEscapes && this.#text.slice(this.#textStart, this.#textEnd).includes('\\'))
      this.#noteRewritten(this.#found.escaped, this.#textStart, this.#textEnd);
    const first = this.#text.charCodeAt(this.#textStart + 1);
    // keys that are numbers come first in an object, wherever they stood
    if (first >= ZERO && first <= NINE) this.#found.plain = false;
    if (this.#depth <= NOTED_LEVELS) this.#begin(this.#textStart, this.#textEnd, colon + 1);
  }

  #enter(at: number, isList: boolean): void {
    this.#depth += 1;
    if (this.#depth > this.#found.depth) this.#found.depth = this.#depth;
    this.#censor?.open(!isList, this.#depth);
    if (this.#depth > NOTED_LEVELS) return;
    this.#isList[this.#depth] = isList;
    const holder = this.#open[this.#depth - 1];
    if (holder) holder.members = [];
    if (isList) this.#begin(at + 1, at + 1, at + 1);
  }

  #leave(at: number): void {
    if (this.#depth <= NOTED_LEVELS) this.#end(at);
    this.#depth -= 1;
    this.#censor?.close();
  }

  #endItem(at: number): void {
    if (this.#depth > NOTED_LEVELS) return;
    this.#end(at);
    if (this.#isList[this.#depth]) this.#begin(at + 1, at + 1, at + 1);
  }

  #begin(keyStart: number, keyEnd: number, start: number): void {
    this.#open[this.#depth] = { keyStart, keyEnd, start, end: start, members: null };
  }

  #end(at: number): void {
    const member = this.#open[this.#depth];
    this.#open[this.#depth] = null;
    const list = this.#depth === 1 ? this.#found.members : this.#open[this.#depth - 1]?.members;
    if (!member || !list) return;
    let { start } = member;
    let end = at;
    while (start < end && this.#text.charCodeAt(start) <= BLANK) start += 1;
    while (start < end && this.#text.charCodeAt(end - 1) <= BLANK) end -= 1;
    // a list of nothing has no item
    if (start === end) return;
    member.start = start;
    member.end = end;
    list.push(member);
  }

  /** The place of its last digit. */
  #readNumber(start: number): number {
    const text = this.#text;
    const first = text.charCodeAt(start) === MINUS ? start + 1 : start;
    let end = first;
    let dot = 0;
    let isDecimal = true;
    for (let code = text.charCodeAt(end); isNumberPart(code); code = text.charCodeAt((end += 1))) {
      if (code === DOT) dot = end;
      else if (code < ZERO || code > NINE) isDecimal = false;
    }
    if (!isDecimal || end - first > SAFE_LENGTH) this.#takeLong(start, end);
    // of so few digits a double keeps all, and ECMAScript writes them without zeros at the end, and with an exponent where many are at the start
    else if (dot === 0 ? first > start && text.charCodeAt(first) === ZERO : !isUsual(text, first, dot, end))
      this.#noteRespelled();
    return end - 1;
  }

  /** A number with an exponent, or with more digits than any double keeps. */
  #takeLong(start: number, end: number): void {
    const raw = this.#text.slice(start, end);
    this.#censor?.takeNumber(raw);
    if (String(Number(raw)) === raw) return;
    this.#noteRespelled();
    if (!isKeptByDouble(raw)) this.#noteRewritten(this.#found.exact, start, end);
  }

  #noteRewritten(places: number[], start: number, end: number): void {
    places.push(start, end);
    if (this.#found.exact.length + this.#found.escaped.length > 2 * MOST_REWRITTEN) refuseRewritten();
  }

  #noteRespelled(): void {
    this.#found.plain = false;
    this.#found.respelled = true;
  }
}

/** Whether ECMAScript writes a fraction so. A short zero with a sign is written without it, and has a zero at the end. */
function isUsual(text: string, first: number, dot: number, end: number): boolean {
  if (text.charCodeAt(end - 1) === ZERO) return false;
  return dot > first + 1 || text.charCodeAt(first) !== ZERO || !text.startsWith(TINY, dot + 1);
}

/** Zeros behind the dot with which a number is written with an exponent. */
const TINY = '000000';
const PLUS = 0x2b;
const DOT = 0x2e;
const SMALL_E = 0x65;
const LETTER_CASE = 0x20;

function isNumberPart(code: number): boolean {
  return (code >= ZERO && code <= NINE) || code === DOT || code === MINUS || code === PLUS || (code | LETTER_CASE) === SMALL_E;
}
