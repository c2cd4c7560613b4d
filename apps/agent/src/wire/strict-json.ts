/** Why a text was refused; the message holds no part of the text. */
export class JsonRefused extends Error {
  override readonly name = 'JsonRefused';
  /** `syntax`: no JSON at all; `ambiguous`: JSON that two parsers could read differently */
  readonly kind: 'syntax' | 'ambiguous';
  constructor(kind: 'syntax' | 'ambiguous', message: string) {
    super(message);
    this.kind = kind;
  }
}

export const MAX_JSON_DEPTH = 64;
/** Characters of a number. Those that a double keeps exactly need less than 350, also written out in full. */
export const MAX_NUMBER_LENGTH = 400;

/**
 * Parses JSON that every parser reads alike: UTF-8 without byte order mark, no key twice in an object, no `__proto__`,
 * no lone surrogate, no number that changes when it is written again or is longer than any that is needed, not nested deeper than 64. Takes time in
 * proportion to the length of the text, whatever it is. Throws JsonRefused.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes);
  const value = parse(text);
  inspect(text);
  return value;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new JsonRefused('syntax', 'The text is not UTF-8.');
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new JsonRefused('syntax', 'The text is not JSON.');
  }
}

/** Walks over the tokens of a text that is known to be JSON. */
function inspect(text: string): void {
  // one set of keys per open object, null per open array
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    switch (text[at]) {
      case '{':
      case '[':
        open.push(text[at] === '{' ? new Set() : null);
        if (open.length > MAX_JSON_DEPTH)
          throw new JsonRefused('ambiguous', `The text is nested deeper than ${MAX_JSON_DEPTH} levels.`);
        break;
      case '}':
      case ']':
        open.pop();
        break;
      case '"': {
        const raw = readString(text, at);
        at += raw.length + 1;
        const decoded = checkString(raw);
        const keys = open.at(-1);
        if (keys && isKey(text, at + 1)) checkKey(decoded, keys);
        break;
      }
      default:
        if (isNumberStart(text.charCodeAt(at))) {
          const number = readNumber(text, at);
          checkNumber(number);
          at += number.length - 1;
        }
    }
  }
}

/** What stands between the quotes. Few texts have escapes, and the others end at the next quote. */
function readString(text: string, start: number): string {
  const plain = text.slice(start + 1, text.indexOf('"', start + 1));
  if (!plain.includes('\\')) return plain;
  let end = start + 1;
  while (text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return text.slice(start + 1, end);
}

const [MINUS, ZERO, NINE] = [0x2d, 0x30, 0x39];

function isNumberStart(code: number): boolean {
  return code === MINUS || (code >= ZERO && code <= NINE);
}

const NUMBER = /-?\d[\d.eE+-]*/y;

function readNumber(text: string, start: number): string {
  NUMBER.lastIndex = start;
  return NUMBER.exec(text)?.[0] ?? '';
}

function isKey(text: string, end: number): boolean {
  let at = end;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  return text[at] === ':';
}

function checkKey(key: string, keys: Set<string>): void {
  if (keys.has(key)) throw new JsonRefused('ambiguous', 'An object has the same key twice.');
  if (key === '__proto__') throw new JsonRefused('ambiguous', 'An object has the key "__proto__".');
  keys.add(key);
}

function checkString(raw: string): string {
  if (!raw.includes('\\')) return raw;
  const decoded = String(JSON.parse(`"${raw}"`));
  if (!decoded.isWellFormed()) throw new JsonRefused('ambiguous', 'A text holds half of a character.');
  return decoded;
}

function checkNumber(raw: string): void {
  // short integers, nearly every number there is
  if (raw.length < 16 && /^(?:[1-9]\d*|0|-[1-9]\d*)$/.test(raw)) return;
  if (raw.length > MAX_NUMBER_LENGTH)
    throw new JsonRefused('ambiguous', `A number is longer than ${MAX_NUMBER_LENGTH} characters.`);
  if (normalizeDecimal(raw) !== normalizeDecimal(String(Number(raw))))
    throw new JsonRefused('ambiguous', 'A number cannot be kept exactly.');
}

/** Sign, significant digits and power of ten: equal for equal numbers, however they are written. */
function normalizeDecimal(raw: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(raw) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = cutZeros(digits);
  if (significant === '') return sign + (whole === '' ? raw : '0');
  return `${sign}${significant}e${BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length)}`;
}

/** Without the zeros at its end. A regular expression would try each run of zeros again from every one of them. */
function cutZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}
