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
/** Escapes of escapes, as `%2526` and `\\u0026` in JSON within JSON, are undone this many times over. */
const MAX_LAYERS = 3;
const LOOK_AHEAD = 48;
/** Behind these nothing begins an escape that did not before. */
const CLOSING = createCharacterSet(' "<>()[],.:;');
/** What goes on a terminal's sequence behind its ESC. */
const IN_SEQUENCE = createCharacterSet('[]PX^_ !"#$%&\'()*+,-./');

/**
 * Undoes the escapes at a place: JSON, C and JavaScript strings, percent, HTML entities, terminal sequences, compatibility
 * forms of characters. Reads a bounded stretch, so that reading a whole text takes time in proportion to its length.
 */
export function readUnit(text: string, index: number, layers = MAX_LAYERS): Unit {
  const unit = readEscape(text, index);
  const isItself = unit.end === index + 1 && unit.text === text[index];
  if (isItself || !beginsEscape(unit.text)) return unit;
  if (layers === 0 || !mayGoOn(unit, text)) return isTerminal(unit.text.charCodeAt(0)) ? keep('', unit.end) : unit;
  const inner = readUnit(unit.text + text.slice(unit.end, unit.end + LOOK_AHEAD), 0, layers - 1);
  return { ...inner, end: unit.end + inner.end - unit.text.length };
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
function mayGoOn({ text: plain, end }: Unit, text: string): boolean {
  const code = plain.charCodeAt(0);
  if (code === ESCAPE) return isIn(IN_SEQUENCE, text, end);
  return code === CONTROL_SEQUENCE || !isIn(CLOSING, text, end);
}

function isTerminal(code: number): boolean {
  return code === ESCAPE || code === CONTROL_SEQUENCE;
}

function readEscape(text: string, index: number): Unit {
  switch (text.charCodeAt(index)) {
    case BACKSLASH:
      return readBackslash(text, index);
    case PERCENT:
      return readBytes(text, index) ?? readCode(text, index + 1) ?? keep('%', index + 1);
    case AMPERSAND:
      return readEntity(text, index);
    case TAB:
    case LINE_FEED:
    case CARRIAGE_RETURN:
      return skipBreak(text, index + 1);
    case ESCAPE:
    case CONTROL_SEQUENCE:
      return keep('', index + (matchAt(TERMINAL_SEQUENCE, text, index)?.[0].length ?? 1));
    default:
      return readCharacter(text, index);
  }
}

/** Colours, titles and other sequences of a terminal, of bounded length. What ends a title may be escaped where its beginning was. */
const TERMINAL_SEQUENCE = new RegExp(
  [
    '(?:\\u001B\\[|\\u009B)[0-?]{0,30}[ -/]{0,3}[@-~]',
    '\\u001B[\\]PX^_]\\P{Cc}{0,30}?(?:\\p{Cc}\\\\?|\\\\{1,4}u00(?:07|9c|1b\\\\{1,8}))',
    '\\u001B[ -/]{1,3}[0-~]',
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
      return readBytes(text, at - 1) ?? keep(text.charAt(at), at + 1);
    default:
      return keep('', at);
  }
}

const LOW_SURROGATE = /(?:\\{1,16}|%)u(d[c-f][0-9a-f]{2})/iy;
const BRACED = /u\{([0-9a-f]{1,6})\}/iy;
const [MAX_CODE, CAPITAL_U] = [0x10ffff, 85];

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
  const [whole = '', braced = ''] = matchAt(BRACED, text, index) ?? [];
  const point = Number.parseInt(braced, 16);
  return point <= MAX_CODE ? toUnit(text, point, index + whole.length) : null;
}

/** A letter with an accent, as `eacute`. */
const ACCENTED = /^([a-z])(?:acute|grave|circ|uml|tilde|cedil|ring|caron)$/i;
const ENTITY = /&(?:#(\d{1,8})|#x([0-9a-f]{1,7})|(amp|lt|gt|quot|apos|nbsp|shy|zwj|zwnj|Tab|NewLine));?/iy;
/** What HTML has names for and a credential may hold. */
const NAMED: ReadonlyMap<string, string> = new Map(Object.entries({
  amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', tab: '\t', newline: '\n', shy: '', zwj: '', zwnj: '', sol: '/', bsol: '\\',
  colon: ':', semi: ';', equals: '=', plus: '+', minus: '-', hyphen: '-', dash: '-', lowbar: '_', period: '.', comma: ',', num: '#',
  dollar: '$', percnt: '%', ast: '*', commat: '@', excl: '!', quest: '?', lpar: '(', rpar: ')', lsqb: '[', lbrack: '[', rsqb: ']',
  rbrack: ']', lcub: '{', lbrace: '{', rcub: '}', rbrace: '}', verbar: '|', vert: '|', hat: '^', grave: '`', tilde: '~', oslash: 'ø',
  szlig: 'ß', aelig: 'æ',
})); // prettier-ignore

/** Behind the ampersand of one that has a name, an ampersand otherwise. */
function readNamed(text: string, index: number, name: string, end: number): Unit {
  const character = NAMED.get(name) ?? NAMED.get(name.toLowerCase()) ?? ACCENTED.exec(name)?.[1];
  if (character === undefined) return keep('&', index + 1);
  return character === '' ? keep('', end) : toUnit(text, character.charCodeAt(0), end);
}

function readEntity(text: string, index: number): Unit {
  const named = skipForward(LETTER, text, index + 1, index + MAX_NAME);
  if (text.charCodeAt(named) === SEMICOLON) return readNamed(text, index, text.slice(index + 1, named), named + 1);
  const match = matchAt(ENTITY, text, index);
  const [whole = '', decimal, hex, name] = match ?? [];
  const end = index + whole.length;
  if (name !== undefined) return readNamed(text, index, name, end);
  const code = match ? Number.parseInt(decimal ?? hex ?? '', decimal === undefined ? 16 : 10) : Number.NaN;
  return code <= 0x10ffff ? toUnit(text, code, end) : keep('&', index + 1);
}

const SOFT_BREAK = /=(?:\r?\n|\\{1,8}r\\{1,8}n|\\{1,8}n)/y;
const OCTAL = /[0-3][0-7]{2}/y;
const [SMALL_U, SMALL_X, CASE] = [117, 120, 32];

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
  if (isHexDigit(text.charCodeAt(index + 1))) return readBytes(text, index);
  const softBreak = matchAt(SOFT_BREAK, text, index);
  return softBreak && keep('', index + softBreak[0].length);
}

/** Escaped bytes that make up one character in UTF-8, or one in Latin-1 when they do not. */
function readBytes(text: string, index: number): Unit | null {
  const first = readByte(text, index);
  if (!first) return null;
  if (first.byte < 0x80) return toUnit(text, first.byte, first.end);
  const length = first.byte < 0xc2 ? 1 : first.byte < 0xe0 ? 2 : first.byte < 0xf0 ? 3 : first.byte < 0xf5 ? 4 : 1;
  const bytes = [first.byte];
  let { end } = first;
  while (bytes.length < length) {
    const next = readByte(text, end);
    if (!next || next.byte >> 6 !== 2) return toUnit(text, first.byte, first.end);
    bytes.push(next.byte);
    end = next.end;
  }
  const code = length === 1 ? first.byte : (Buffer.from(bytes).toString('utf8').codePointAt(0) ?? 0);
  return toUnit(text, code, end);
}

function readByte(text: string, index: number): { byte: number; end: number } | null {
  let start = index + 1;
  if (text.charCodeAt(index) === BACKSLASH) {
    const octal = matchAt(OCTAL, text, start);
    if (octal) return { byte: Number.parseInt(octal[0], 8), end: start + 3 };
    if ((text.charCodeAt(start) | CASE) !== SMALL_X) return null;
    start += 1;
  } else if (text.charCodeAt(index) !== PERCENT && text.charCodeAt(index) !== EQUALS) return null;
  const byte = readHex(text, start, 2);
  return byte < 0 ? null : { byte, end: start + 2 };
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
