import { createCharacterSet, DIGITS, isIn, LETTERS, skipForward } from './character-set.ts';

/** What stands at one place of a text once every way of writing it is undone. */
export interface Unit {
  /** empty: nothing that is seen, as a zero-width space or a line break */
  text: string;
  end: number;
  isBreak: boolean;
}

const [TAB, LINE_FEED, CARRIAGE_RETURN, ESCAPE, SPACE] = [9, 10, 13, 27, 32];
const [HASH, PERCENT, AMPERSAND, BACKSLASH] = [35, 37, 38, 92];
/** Begins a sequence of a terminal as ESC and `[` do together. */
const CONTROL_SEQUENCE = 0x9b;
export const EQUALS = 61;
const PLUSES = createCharacterSet('+');
/** Escapes of escapes, as `%2526` and `\\u0026` in JSON within JSON, are undone this many times over. */
const MAX_LAYERS = 3;
/** Behind these nothing begins an escape that did not before. */
const CLOSING = createCharacterSet(' "<>()[],.:;');
/** What goes on a terminal's sequence behind its ESC. */
const IN_SEQUENCE = createCharacterSet('[]PX^_ !"#$%&\'()*+,-./');
/** What goes on an escape behind its percent sign, and behind its ampersand. */
const BEHIND_PERCENT = createCharacterSet(`${DIGITS}abcdefABCDEFuU`);
const BEHIND_AMPERSAND = createCharacterSet(`${LETTERS}#`);

/**
 * Undoes the escapes at a place: JSON, C and JavaScript strings, percent, HTML entities, terminal sequences, compatibility
 * forms of characters. Reads no more than it passes, so that reading a whole text takes time in proportion to its length.
 */
export function readUnit(text: string, index: number): Unit {
  let [code, next] = [text.charCodeAt(index), index + 1];
  let unit = readEscape(code, text, next);
  for (let layers = 0; beginsEscape(unit.text) && (unit.end > next || unit.text.charCodeAt(0) !== code); layers += 1) {
    [code, next] = [unit.text.charCodeAt(0), unit.end];
    if (layers === MAX_LAYERS || !mayGoOn(code, text, next)) return isTerminal(code) ? keep('', next) : unit;
    unit = readEscape(code, text, next);
  }
  return unit;
}

/** The whole text in plain. */
export function toPlainText(text: string): string {
  let plain = '';
  for (let index = 0; index < text.length;) {
    const unit = readUnit(text, index);
    plain += unit.text;
    index = unit.end;
  }
  return plain;
}

function beginsEscape(text: string): boolean {
  const code = text.charCodeAt(0);
  return text.length === 1 && (code === PERCENT || code === AMPERSAND || code === BACKSLASH || isTerminal(code));
}

/** Whether what follows an escape can be one with what it stands for. */
function mayGoOn(code: number, text: string, next: number): boolean {
  switch (code) {
    case ESCAPE:
      return isIn(IN_SEQUENCE, text, next);
    case PERCENT:
      return isIn(BEHIND_PERCENT, text, next);
    case AMPERSAND:
      return isIn(BEHIND_AMPERSAND, text, next);
    default:
      return code === CONTROL_SEQUENCE || !isIn(CLOSING, text, next);
  }
}

function isTerminal(code: number): boolean {
  return code === ESCAPE || code === CONTROL_SEQUENCE;
}

/** From behind the character that begins an escape, or may; that one need not stand in the text, but what an escape stood for. */
function readEscape(code: number, text: string, next: number): Unit {
  switch (code) {
    case BACKSLASH:
      return readBackslash(text, next);
    case PERCENT:
      return readBytes(code, text, next) ?? readCode(text, next) ?? keep('%', next);
    case AMPERSAND:
      return readEntity(text, next);
    case TAB:
    case LINE_FEED:
    case CARRIAGE_RETURN:
      return skipBreak(text, next);
    case ESCAPE:
      return keep('', isIn(IN_SEQUENCE, text, next) ? next + (matchAt(BEHIND_ESCAPE, text, next)?.[0].length ?? 0) : next);
    case CONTROL_SEQUENCE:
      return keep('', next + (matchAt(BEHIND_CONTROL, text, next)?.[0].length ?? 0));
    default:
      return readCharacter(text, next - 1);
  }
}

/** Colours, titles and other sequences of a terminal, of bounded length. What ends a title may be escaped where its beginning was. */
const BEHIND_CONTROL = /[0-?]{0,30}[ -/]{0,3}[@-~]/y;
const BEHIND_ESCAPE = new RegExp(
  [
    '\\[[0-?]{0,30}[ -/]{0,3}[@-~]',
    '[\\]PX^_]\\P{Cc}{0,30}?(?:\\p{Cc}\\\\?|\\\\{1,4}u00(?:07|9c|1b\\\\{1,8}))',
    '[ -/]{1,3}[0-~]',
  ].join('|'),
  'uy',
);

function readCharacter(text: string, index: number): Unit {
  const code = text.codePointAt(index) ?? 0;
  return keep(toPlainCharacter(code), index + (code > 0xffff ? 2 : 1));
}

const UNSEEN = /[\u0300-\u036F\u3099\u309A\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;
const TAGS = { first: 0xe0020, last: 0xe007e, offset: 0xe0000 };

/** Letters without their accents, full width and styled letters as usual ones, tag characters as the letters they stand for, what is never seen as nothing. */
function toPlainCharacter(code: number): string {
  if (code > SPACE && code < 127) return String.fromCharCode(code);
  if (code >= TAGS.first && code <= TAGS.last) return String.fromCharCode(code - TAGS.offset);
  const known = PLAIN.get(code);
  if (known !== undefined) return known;
  const plain = String.fromCodePoint(code).normalize('NFKD').replace(UNSEEN, '').normalize('NFC');
  if (PLAIN.size === MAX_REMEMBERED) PLAIN.clear();
  PLAIN.set(code, plain);
  return plain;
}

/** Normalising is dear, and a text repeats its characters. */
const PLAIN = new Map<number, string>();
const MAX_REMEMBERED = 4_096;

/** What a backslash makes something else of; before anything else it says nothing, as before a quote in JSON. */
const ESCAPING = createCharacterSet('\\nrtbfvuUx0123\n\r');
const WRITTEN_BREAKS = createCharacterSet('nrt');
const LETTER = createCharacterSet(LETTERS);
const MAX_NAME = 9;
const SEMICOLON = 59;
const ALPHANUMERIC = createCharacterSet(LETTERS + DIGITS);

/** Behind the backslashes at a place: each layer of JSON doubles them. */
export function skipBackslashes(text: string, index: number): number {
  let end = index;
  while (text.charCodeAt(end) === BACKSLASH) end += 1;
  return end;
}

/** The same where they say nothing, as before a quote in JSON. */
export function skipSilent(text: string, index: number): number {
  if (text.charCodeAt(index) !== BACKSLASH) return index;
  const end = skipBackslashes(text, index + 1);
  return end === text.length || isIn(ESCAPING, text, end) ? index : end;
}

/** From the letter of a line break on, behind the break and its indentation; 0 when it is none, or more than that. */
export function skipWrittenBreak(text: string, index: number): number {
  if (!isIn(WRITTEN_BREAKS, text, index)) return 0;
  let end = index + 1;
  while (text.charCodeAt(end) === SPACE) end += 1;
  const next = text.charCodeAt(end);
  return next < SPACE || next === PERCENT ? 0 : end;
}

/** A quick look that spares most of what may begin an escape the slow reading: its own letter, 0 when it has to be read with what follows. */
export function readLone(text: string, index: number): number {
  const code = text.charCodeAt(index);
  switch (code) {
    case EQUALS:
      return mayBeQuoted(text, index) ? 0 : code;
    case PERCENT:
      return isIn(ALPHANUMERIC, text, index + 1) ? 0 : code;
    case AMPERSAND:
      return isIn(ALPHANUMERIC, text, index + 1) || text.charCodeAt(index + 1) === HASH ? 0 : code;
    default:
      return 0;
  }
}

/** From behind the first backslash on. */
function readBackslash(text: string, index: number): Unit {
  const at = skipBackslashes(text, index);
  switch (text[at]) {
    case undefined:
      return keep('', at);
    case 'n':
    case 'r':
    case 't':
    case '\n':
    case '\r':
      return skipBreak(text, at + 1);
    case 'b':
    case 'f':
    case 'v':
      return keep('', at + 1);
    case 'u':
    case 'U':
      return readCode(text, at) ?? keep(text.charAt(at), at + 1);
    case 'x':
    case '0':
    case '1':
    case '2':
    case '3':
      return readBytes(BACKSLASH, text, at) ?? keep(text.charAt(at), at + 1);
    default:
      return keep('', at);
  }
}

const LOW_SURROGATE = /(?:\\{1,16}|%)u(d[c-f][0-9a-f]{2})/iy;
const BRACED = /u\{([0-9a-f]{1,6})\}/iy;
const [MAX_CODE, CAPITAL_U, BRACE] = [0x10ffff, 85, 123];

/** From the `u` on: `u0026`, `u{26}`, `U00000026`, and the halves of a pair. */
function readCode(text: string, index: number): Unit | null {
  const long = text.charCodeAt(index) === CAPITAL_U ? readHex(text, index + 1, 8) : -1;
  if (long >= 0 && long <= MAX_CODE) return toUnit(text, long, index + 9);
  const code = (text.charCodeAt(index) | CASE) === SMALL_U ? readHex(text, index + 1, 4) : -1;
  if (code >= 0xd800 && code < 0xdc00) {
    const [pair = '', low = ''] = matchAt(LOW_SURROGATE, text, index + 5) ?? [];
    if (low) return toUnit(text, (code - 0xd800) * 0x400 + Number.parseInt(low, 16) - 0xdc00 + 0x10000, index + 5 + pair.length);
  }
  if (code >= 0) return toUnit(text, code, index + 5);
  if (text.charCodeAt(index + 1) !== BRACE) return null;
  const [whole = '', braced = ''] = matchAt(BRACED, text, index) ?? [];
  const point = Number.parseInt(braced, 16);
  return point <= MAX_CODE ? toUnit(text, point, index + whole.length) : null;
}

/** A letter with an accent, as `eacute`. */
const ACCENTED = /^([a-z])(?:acute|grave|circ|uml|tilde|cedil|ring|caron)$/i;
const ENTITY = /(?:#(\d{1,8})|#x([0-9a-f]{1,7})|(amp|lt|gt|quot|apos|nbsp|shy|zwj|zwnj|Tab|NewLine));?/iy;
/** What HTML has names for and a credential may hold. */
const NAMED: ReadonlyMap<string, string> = new Map(Object.entries({
  amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', tab: '\t', newline: '\n', shy: '', zwj: '', zwnj: '', sol: '/', bsol: '\\',
  colon: ':', semi: ';', equals: '=', plus: '+', minus: '-', hyphen: '-', dash: '-', lowbar: '_', period: '.', comma: ',', num: '#',
  dollar: '$', percnt: '%', ast: '*', commat: '@', excl: '!', quest: '?', lpar: '(', rpar: ')', lsqb: '[', lbrack: '[', rsqb: ']',
  rbrack: ']', lcub: '{', lbrace: '{', rcub: '}', rbrace: '}', verbar: '|', vert: '|', hat: '^', grave: '`', tilde: '~', oslash: 'ø',
  szlig: 'ß', aelig: 'æ',
})); // prettier-ignore

/** What an entity with a name stands for, an ampersand when it has none. `start`: behind the ampersand. */
function readNamed(text: string, start: number, name: string, end: number): Unit {
  const character = NAMED.get(name) ?? NAMED.get(name.toLowerCase()) ?? ACCENTED.exec(name)?.[1];
  if (character === undefined) return keep('&', start);
  return character === '' ? keep('', end) : toUnit(text, character.charCodeAt(0), end);
}

/** From behind the ampersand on. */
function readEntity(text: string, start: number): Unit {
  if (!isIn(BEHIND_AMPERSAND, text, start)) return keep('&', start);
  const named = skipForward(LETTER, text, start, start + MAX_NAME - 1);
  if (text.charCodeAt(named) === SEMICOLON) return readNamed(text, start, text.slice(start, named), named + 1);
  const match = matchAt(ENTITY, text, start);
  const [whole = '', decimal, hex, name] = match ?? [];
  const end = start + whole.length;
  if (name !== undefined) return readNamed(text, start, name, end);
  const code = match ? Number.parseInt(decimal ?? hex ?? '', decimal === undefined ? 16 : 10) : Number.NaN;
  return code <= 0x10ffff ? toUnit(text, code, end) : keep('&', start);
}

const SOFT_BREAK = /=(?:\r?\n|\\{1,8}r\\{1,8}n|\\{1,8}n)/y;
const [SMALL_U, SMALL_X, CASE, ZERO] = [117, 120, 32, 48];

/** Whether what follows an equals sign can belong to it. */
function mayBeQuoted(text: string, index: number): boolean {
  const code = text.charCodeAt(index + 1);
  if (code === BACKSLASH) return isIn(WRITTEN_BREAKS, text, skipBackslashes(text, index + 1));
  return code === LINE_FEED || code === CARRIAGE_RETURN || (isHexDigit(code) && isHexDigit(text.charCodeAt(index + 2)));
}

/**
 * What an equals sign and what follows it stand for in quoted-printable text; null when it is just an equals sign. Apart from the other
 * escapes, because `a=10` is none elsewhere.
 */
export function readQuoted(text: string, index: number): Unit | null {
  if (text.charCodeAt(index) !== EQUALS || !mayBeQuoted(text, index)) return null;
  const next = text.charCodeAt(index + 1);
  if (next === LINE_FEED) return keep('', index + 2);
  if (isHexDigit(next)) return readBytes(EQUALS, text, index + 1);
  const softBreak = matchAt(SOFT_BREAK, text, index);
  return softBreak && keep('', index + softBreak[0].length);
}

/** Escaped bytes that make up one character in UTF-8, or one in Latin-1 when they do not. `next`: behind the first one's sign. */
function readBytes(sign: number, text: string, next: number): Unit | null {
  const end = findByteEnd(sign, text, next);
  if (end < 0) return null;
  const byte = readByte(text, next, end);
  const length = byte < 0xc2 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf5 ? 4 : 1;
  const unit = length === 1 ? toUnit(text, byte, end) : null;
  // behind `%0A` a blank may be a plus, as in a form
  if (unit) return unit.isBreak && sign === PERCENT ? { ...unit, end: skipForward(PLUSES, text, unit.end, text.length) } : unit;
  const bytes = [byte];
  let last = end;
  while (bytes.length < length) {
    const other = text.charCodeAt(last);
    const following = other === PERCENT || other === BACKSLASH || other === EQUALS ? findByteEnd(other, text, last + 1) : -1;
    const more = following < 0 ? -1 : readByte(text, last + 1, following);
    if (more >> 6 !== 2) return toUnit(text, byte, end);
    bytes.push(more);
    last = following;
  }
  return toUnit(text, Buffer.from(bytes).toString('utf8').codePointAt(0) ?? 0, last);
}

/** Where an escaped byte ends: three octal digits or an `x` and two hex digits behind a backslash, two hex digits otherwise; -1 when it is none. */
function findByteEnd(sign: number, text: string, next: number): number {
  let start = next;
  if (sign === BACKSLASH) {
    if (isOctal(text, next)) return next + 3;
    if ((text.charCodeAt(next) | CASE) !== SMALL_X) return -1;
    start += 1;
  }
  return isHexDigit(text.charCodeAt(start)) && isHexDigit(text.charCodeAt(start + 1)) ? start + 2 : -1;
}

function readByte(text: string, next: number, end: number): number {
  if (end - next < 3) return readHex(text, next, 2);
  return (text.charCodeAt(next) | CASE) === SMALL_X ? readHex(text, next + 1, 2) : Number.parseInt(text.slice(next, end), 8);
}

/** `000` to `377`. */
function isOctal(text: string, index: number): boolean {
  const [first, second, third] = [text.charCodeAt(index), text.charCodeAt(index + 1), text.charCodeAt(index + 2)];
  return first >= ZERO && first <= ZERO + 3 && second >= ZERO && second < ZERO + 8 && third >= ZERO && third < ZERO + 8;
}

/** The character that an escape stands for. One that may begin another escape is left to the next layer. */
function toUnit(text: string, code: number, end: number): Unit {
  if (code === TAB || code === LINE_FEED || code === CARRIAGE_RETURN) return skipBreak(text, end);
  // a backslash that begins no other escape says nothing
  if (code === BACKSLASH && !isIn(ESCAPING, text, end)) return keep('', end);
  return keep(isTerminal(code) ? String.fromCharCode(code) : toPlainCharacter(code), end);
}

/** With the indentation of the next line, which may be escaped as the break is. */
function skipBreak(text: string, index: number): Unit {
  let end = index;
  while (isBlank(text.charCodeAt(end))) end += 1;
  while (text.charCodeAt(end) === PERCENT && text.startsWith('%20', end)) end += 3;
  return { text: '', end, isBreak: true };
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB || code === LINE_FEED || code === CARRIAGE_RETURN;
}

/** What that many hex digits say; -1 when they are none. */
function readHex(text: string, index: number, digits: number): number {
  let value = 0;
  for (let at = index; at < index + digits; at += 1) {
    const digit = toHexDigit(text.charCodeAt(at));
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

function isHexDigit(code: number): boolean {
  return toHexDigit(code) >= 0;
}

/** Its value; -1 of anything else. */
function toHexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = (code | CASE) - 97;
  return letter >= 0 && letter < 6 ? letter + 10 : -1;
}

function keep(text: string, end: number): Unit {
  return { text, end, isBreak: false };
}

function matchAt(pattern: RegExp, text: string, index: number): RegExpExecArray | null {
  pattern.lastIndex = index;
  return pattern.exec(text);
}
