/** What stands at one place of a text once every way of writing it is undone. */
export interface Unit {
  /** empty: nothing that is seen, as a zero-width space or a line break */
  text: string;
  end: number;
  isBreak: boolean;
}

const [TAB, LINE_FEED, CARRIAGE_RETURN, ESCAPE, SPACE] = [9, 10, 13, 27, 32];
const [PERCENT, AMPERSAND, EQUALS, BACKSLASH] = [37, 38, 61, 92];
/** Escapes of escapes, as `%2526` and `\\u0026` in JSON within JSON, are undone this many times over. */
const MAX_LAYERS = 3;
const LOOK_AHEAD = 32;

/**
 * Undoes the escapes at a place: JSON, C and JavaScript strings, percent, HTML entities, terminal sequences, compatibility
 * forms of characters. Reads a bounded stretch, so that reading a whole text takes time in proportion to its length.
 */
export function readUnit(text: string, index: number, layers = MAX_LAYERS): Unit {
  const unit = readEscape(text, index);
  const isItself = unit.end === index + 1 && unit.text === text[index];
  if (layers === 0 || isItself || !beginsEscape(unit.text)) return unit;
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
  return text.length === 1 && (code === PERCENT || code === AMPERSAND || code === BACKSLASH || code === ESCAPE);
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
      return keep('', index + (matchAt(TERMINAL_SEQUENCE, text, index)?.[0].length ?? 1));
    default:
      return readCharacter(text, index);
  }
}

/** Colours and titles of a terminal, of bounded length. */
const TERMINAL_SEQUENCE = /\p{Cc}(?:\[[0-?]{0,30}[ -/]{0,3}[@-~]|\]\P{Cc}{0,30}\p{Cc}\\?)/uy;

function readCharacter(text: string, index: number): Unit {
  const code = text.codePointAt(index) ?? 0;
  return keep(toPlainCharacter(code), index + (code > 0xffff ? 2 : 1));
}

const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
const TAGS = { first: 0xe0020, last: 0xe007e, offset: 0xe0000 };

/** Full width and styled letters as usual ones, tag characters as the letters they stand for, what is never seen as nothing. */
function toPlainCharacter(code: number): string {
  if (code > SPACE && code < 127) return String.fromCharCode(code);
  if (code >= TAGS.first && code <= TAGS.last) return String.fromCharCode(code - TAGS.offset);
  const known = PLAIN.get(code);
  if (known !== undefined) return known;
  const plain = String.fromCodePoint(code).normalize('NFKC').replace(UNSEEN, '');
  if (PLAIN.size === MAX_REMEMBERED) PLAIN.clear();
  PLAIN.set(code, plain);
  return plain;
}

/** Normalising is dear, and a text repeats its characters. */
const PLAIN = new Map<number, string>();
const MAX_REMEMBERED = 4_096;

/** What a backslash makes something else of. */
const ESCAPED: ReadonlySet<string> = new Set('\\nrtbfvuUx0123');

/** However many backslashes there are: each layer of JSON doubles them. */
function readBackslash(text: string, index: number): Unit {
  let at = index + 1;
  while (text.charCodeAt(at) === BACKSLASH) at += 1;
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

const CODE = /u([0-9a-f]{4})(?:(?:\\{1,16}|%)u(d[c-f][0-9a-f]{2}))?|u\{([0-9a-f]{1,6})\}|U([0-9a-f]{8})/iy;

/** From the `u` on: `u0026`, `u{26}`, `U00000026`, and the halves of a pair. */
function readCode(text: string, index: number): Unit | null {
  const match = matchAt(CODE, text, index);
  if (!match) return null;
  const [whole, unit, low, braced, long] = match;
  const code = Number.parseInt(unit ?? braced ?? long ?? '', 16);
  const isPair = low !== undefined && code >= 0xd800 && code < 0xdc00;
  const point = isPair ? (code - 0xd800) * 0x400 + Number.parseInt(low, 16) - 0xdc00 + 0x10000 : code;
  const end = index + (low === undefined || isPair ? whole.length : 5);
  return point > 0x10ffff ? null : toUnit(text, point, end);
}

const ENTITY = /&(?:#(\d{1,8})|#x([0-9a-f]{1,7})|(amp|lt|gt|quot|apos|nbsp|shy|zwj|zwnj|Tab|NewLine|[a-z]{3,8}(?=;)));?/iy;
/** What HTML has names for and a credential may hold. */
const NAMED: Readonly<Record<string, string>> = {
  amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', tab: '\t', newline: '\n', shy: '', zwj: '', zwnj: '', sol: '/', bsol: '\\',
  colon: ':', semi: ';', equals: '=', plus: '+', minus: '-', hyphen: '-', dash: '-', lowbar: '_', period: '.', comma: ',', num: '#',
  dollar: '$', percnt: '%', ast: '*', commat: '@', excl: '!', quest: '?', lpar: '(', rpar: ')', lsqb: '[', lbrack: '[', rsqb: ']',
  rbrack: ']', lcub: '{', lbrace: '{', rcub: '}', rbrace: '}', verbar: '|', vert: '|', hat: '^', grave: '`', tilde: '~',
}; // prettier-ignore

function readEntity(text: string, index: number): Unit {
  const match = matchAt(ENTITY, text, index);
  const [whole = '', decimal, hex, name] = match ?? [];
  const end = index + whole.length;
  if (name !== undefined) {
    const character = Object.hasOwn(NAMED, name.toLowerCase()) ? NAMED[name.toLowerCase()] : undefined;
    if (character === undefined) return keep('&', index + 1);
    return character === '' ? keep('', end) : toUnit(text, character.charCodeAt(0), end);
  }
  const code = match ? Number.parseInt(decimal ?? hex ?? '', decimal === undefined ? 16 : 10) : Number.NaN;
  return code <= 0x10ffff ? toUnit(text, code, end) : keep('&', index + 1);
}

const BYTE = /(?:%|=|\\x)([0-9a-f]{2})|\\([0-3][0-7]{2})/iy;
const SOFT_BREAK = /=(?:\r?\n|\\{1,8}r\\{1,8}n|\\{1,8}n)/y;

/**
 * What an equals sign and what follows it stand for in quoted-printable text; null when it is just an equals sign. Apart from the other
 * escapes, because `a=10` is none elsewhere.
 */
export function readQuoted(text: string, index: number): Unit | null {
  if (text.charCodeAt(index) !== EQUALS) return null;
  const code = text.charCodeAt(index + 1);
  if (code === LINE_FEED || code === CARRIAGE_RETURN || code === BACKSLASH) {
    const softBreak = matchAt(SOFT_BREAK, text, index);
    return softBreak && keep('', index + softBreak[0].length);
  }
  return isHexDigit(code) && isHexDigit(text.charCodeAt(index + 2)) ? readBytes(text, index) : null;
}

/** Escaped bytes that make up one character in UTF-8, or one in Latin-1 when they do not. */
function readBytes(text: string, index: number): Unit | null {
  const first = readByte(text, index);
  if (!first) return null;
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
  const match = matchAt(BYTE, text, index);
  if (!match) return null;
  const [whole, hex, octal = ''] = match;
  return { byte: hex === undefined ? Number.parseInt(octal, 8) : Number.parseInt(hex, 16), end: index + whole.length };
}

/** The character that an escape stands for. One that may begin another escape is left to the next layer. */
function toUnit(text: string, code: number, end: number): Unit {
  if (code === TAB || code === LINE_FEED || code === CARRIAGE_RETURN) return skipBreak(text, end);
  // a backslash that begins no other escape says nothing
  if (code === BACKSLASH && !ESCAPED.has(text.charAt(end))) return keep('', end);
  return keep(code === ESCAPE ? '\x1b' : toPlainCharacter(code), end);
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

function isHexDigit(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102);
}

function keep(text: string, end: number): Unit {
  return { text, end, isBreak: false };
}

function matchAt(pattern: RegExp, text: string, index: number): RegExpExecArray | null {
  pattern.lastIndex = index;
  return pattern.exec(text);
}
