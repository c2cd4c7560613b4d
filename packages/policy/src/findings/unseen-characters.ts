import { hideUsualMarks } from './direction-marks.ts';
import type { HiddenTextRule } from './hidden-text.ts';
import type { HiddenUnits } from './hidden-units.ts';

/** So many bits are five letters: what says less is no message. */
const MESSAGE_BITS = 40;
/** Of tags and selectors anywhere in a text, each of which may be a letter. */
const WIDE_BITS = 24;
/** Letters in a row that stand apart by something unseen, which keeps who looks for words from finding any. */
const MOST_APART = 20;
/** Units between two characters of one message, and between letters that are kept apart. */
const [MOST_BETWEEN, CLOSE] = [3, 2] as const;
/** What comes again after so many characters says nothing anew. */
const PERIODS = 4;
const MOST_SYMBOLS = 512;

const UNSEEN = /^(?!\u00AD)[\p{Default_Ignorable_Code_Point}\u2800\uFFF9-\uFFFB]$/u;
/** Of an embossed text, or of a picture of dots. */
const BRAILLE = /(?<=[\u2801-\u28FF\s]|^)\u2800+(?=[\u2801-\u28FF\s]|$)/gu;

const [UNKNOWN, LETTER, OTHER, NARROW, SELECTOR, LETTER_SELECTOR, TAG] = [0, 1, 2, 3, 4, 5, 6] as const;
/** Latin, Greek and Cyrillic letters need nothing unseen between them. */
const APART = /^[\p{L}\p{N}]$/u;
const FIRST_OTHER_SCRIPT = 0x530;
/** By unit, what it is; asked once. */
const KINDS = new Uint8Array(0x10000);

/**
 * Notes characters without a shape that are a message: tags and different selectors in a row, a sequence of unseen characters close to each other that says
 * more than five letters could, and a text whose letters stand apart by them. One by itself, the same again and again, and what a script, an emoji or a picture needs
 * are none. `allow`: writes another character for those that their place explains.
 */
export function noteUnseenCharacters(text: string, hidden: HiddenUnits, allow: (text: string) => string): void {
  // what is allowed need not be known where there is no message whatever is allowed
  if (!walk(text, hidden, null)) return;
  const rest = hideUsualMarks(text, allow(text)).replace(BRAILLE, (found) => '.'.repeat(found.length));
  walk(rest, hidden, hidden);
}

/** Whether there is a message; `into`: notes all of them, else ends with the first. */
function walk(text: string, before: HiddenUnits, into: HiddenUnits | null): boolean {
  group.reset();
  wide.reset();
  let isFound = false;
  const close = () => {
    const rule = group.getRule();
    if (rule) isFound = true;
    if (rule && into) noteBetween(text, into, group.place, rule, NARROW);
    group.reset();
  };
  for (let at = 0, length = 1; at < text.length && (into || !isFound); at += length) {
    length = 1;
    if (before.has(at)) continue;
    const unit = text.charCodeAt(at);
    const code = unit >= 0xd800 && unit < 0xdc00 ? (text.codePointAt(at) ?? unit) : unit;
    if (code > 0xffff) length = 2;
    const kind = getKind(code);
    if (kind <= OTHER) {
      if (group.pass(length, kind === LETTER)) close();
    } else {
      group.take(code, kind, at, at + length);
      if (kind >= LETTER_SELECTOR) wide.add(code);
    }
  }
  close();
  if (wide.getBits() < WIDE_BITS) return isFound;
  if (into) noteBetween(text, into, { start: 0, end: text.length }, 'variation-selectors', LETTER_SELECTOR);
  return true;
}

function noteBetween(
  text: string,
  into: HiddenUnits,
  { start, end }: { start: number; end: number },
  rule: HiddenTextRule,
  least: number,
): void {
  let isFirst = true;
  for (let at = start, length = 1; at < end; at += length) {
    const code = text.codePointAt(at) ?? 0;
    length = code > 0xffff ? 2 : 1;
    if (getKind(code) < least || into.has(at)) continue;
    if (isFirst) into.add(at, at + length, rule);
    else into.join(at, at + length);
    isFirst = false;
  }
}

/** Unseen characters that stand close to each other. */
class Group {
  #start = 0;
  #end = 0;
  readonly #said = new Sequence();
  #between = 0;
  #letters = 0;
  #apart = 0;
  #lettersApart = 0;
  #isApart = false;
  #row: { kind: number; first: number } | null = null;
  #rule: HiddenTextRule | null = null;

  /** Where it stands, `end` exclusive. */
  get place(): { start: number; end: number } {
    return { start: this.#start, end: this.#end };
  }

  /** Something that is seen; true when the group is over. */
  pass(length: number, isLetter: boolean): boolean {
    this.#row = null;
    this.#between += length;
    if (isLetter) this.#letters += 1;
    return this.#said.length > 0 && this.#between > MOST_BETWEEN;
  }

  take(code: number, kind: number, start: number, end: number): void {
    if (this.#said.length === 0) this.#start = start;
    this.#end = end;
    this.#countApart();
    this.#said.add(code);
    this.#note(code, kind);
    [this.#between, this.#letters] = [0, 0];
  }

  getRule(): HiddenTextRule | null {
    if (this.#rule) return this.#rule;
    return this.#isApart || this.#said.getBits() >= MESSAGE_BITS ? 'zero-width' : null;
  }

  reset(): void {
    this.#said.reset();
    [this.#between, this.#letters, this.#apart, this.#lettersApart] = [0, 0, 0, 0];
    [this.#row, this.#rule, this.#isApart] = [null, null, false];
  }

  #countApart(): void {
    if (this.#between > CLOSE) [this.#apart, this.#lettersApart] = [0, 0];
    else if (this.#between > 0) this.#apart += 1;
    if (this.#letters > 0) this.#lettersApart += 1;
    this.#isApart ||= this.#apart >= MOST_APART && this.#lettersApart * 2 > this.#apart;
  }

  #note(code: number, kind: number): void {
    const group = kind === TAG ? TAG : kind >= SELECTOR ? SELECTOR : NARROW;
    const isRow = this.#row?.kind === group && this.#between === 0;
    if (isRow && group === TAG) this.#rule ??= 'tags';
    if (isRow && group === SELECTOR && this.#row?.first !== code) this.#rule ??= 'variation-selectors';
    if (!isRow) this.#row = { kind: group, first: code };
  }
}

/** How much a sequence of characters says at most, without what comes again and again. */
class Sequence {
  #length = 0;
  readonly #symbols = new Set<number>();
  readonly #last = new Float64Array(PERIODS);
  readonly #differing = new Float64Array(PERIODS);

  get length(): number {
    return this.#length;
  }

  add(code: number): void {
    for (let period = 1; period <= Math.min(PERIODS, this.#length); period += 1)
      if (this.#last[(this.#length - period) % PERIODS] !== code)
        this.#differing[period - 1] = (this.#differing[period - 1] ?? 0) + 1;
    this.#last[this.#length % PERIODS] = code;
    this.#length += 1;
    if (this.#symbols.size < MOST_SYMBOLS) this.#symbols.add(code);
  }

  /** Of symbols that are drawn anew each time, one differs from another by the share that is divided by here. */
  getBits(): number {
    const kinds = this.#symbols.size;
    return kinds < 2 ? 0 : (Math.min(...this.#differing) * Math.log2(kinds) * kinds) / (kinds - 1);
  }

  reset(): void {
    if (this.#length === 0) return;
    this.#length = 0;
    this.#symbols.clear();
    this.#differing.fill(0);
  }
}

/** Used anew for each text: an answer may have a million of them. */
const [group, wide] = [new Group(), new Sequence()];

function getKind(code: number): number {
  if (code > 0xffff) return findKind(code);
  const known = KINDS[code] ?? UNKNOWN;
  return known === UNKNOWN ? (KINDS[code] = findKind(code)) : known;
}

function findKind(code: number): number {
  if (code >= 0xe0000 && code <= 0xe007f) return TAG;
  if (code >= 0xe0100 && code <= 0xe01ef) return LETTER_SELECTOR;
  if (code >= 0xfe00 && code <= 0xfe0f) return code < 0xfe0e ? LETTER_SELECTOR : SELECTOR;
  const character = String.fromCodePoint(code);
  if (UNSEEN.test(character)) return NARROW;
  return code < FIRST_OTHER_SCRIPT && APART.test(character) ? LETTER : OTHER;
}
