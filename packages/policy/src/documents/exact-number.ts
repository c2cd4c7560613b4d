declare global {
  // not in the library of types yet; browsers that lack them read no foreign data
  interface JSON {
    rawJSON?(text: string): { readonly rawJSON: string };
    isRawJSON?(value: unknown): boolean;
    parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
  }
}

/**
 * A number that a double would change, as its digits. It is what `JSON.rawJSON` makes, so `JSON.stringify` writes it digit for digit, and `JSON.isRawJSON`
 * tells it from every object that JSON can hold. Equal numbers have equal digits.
 */
export interface ExactNumber {
  readonly rawJSON: string;
}

/** Sign, significant digits (none for zero) and the power of ten of the last one. */
interface Decimal {
  negative: boolean;
  digits: string;
  exponent: number;
}

/** Characters of a number, and of its power of ten, up to which numbers are compared and checked. */
export const MAX_NUMBER_LENGTH = 400;
const MAX_EXPONENT_LENGTH = 4;
/** Of so many digits a double of such a size keeps each. */
const [SAFE_DIGITS, SAFE_LEAST, SAFE_MOST] = [15, 1e-290, 1e290];
/** Zeros with which a number is written out; with more it has an exponent. */
const MOST_ZEROS = 30;

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?)(\d+))?$/;

export function isExactNumber(value: unknown): value is ExactNumber {
  return typeof value === 'object' && value !== null && JSON.isRawJSON?.(value) === true;
}

/** Whether a number of JSON is short enough to be compared with others. */
export function isComparable(raw: string): boolean {
  return raw.length <= MAX_NUMBER_LENGTH && (NUMBER.exec(raw)?.[5]?.replace(/^0+/, '').length ?? 0) <= MAX_EXPONENT_LENGTH;
}

/** Whether a double has the same value as the number of JSON that is written so. */
export function isKeptByDouble(raw: string): boolean {
  const value = Number(raw);
  const size = Math.abs(value);
  // whatever the digits are: nearly all numbers that are written in another way than ECMAScript writes them
  if (raw.length <= SAFE_DIGITS && size > SAFE_LEAST && size < SAFE_MOST) return true;
  const written = String(value);
  // two that are written so are written alike where they are the same
  if (written !== raw && value !== 0 && isPlainlyWritten(raw) && isPlainlyWritten(written)) return false;
  return written === raw || (isComparable(raw) && NUMBER.test(written) && isSame(readDecimal(raw), readDecimal(written)));
}

/** Without an exponent, zeros at the end of a fraction, and so many zeros that it would be written with an exponent. */
const PLAINLY_WRITTEN = /^-?\d+(?:\.\d*[1-9])?$/;

function isPlainlyWritten(raw: string): boolean {
  return raw.length <= MOST_ZEROS && PLAINLY_WRITTEN.test(raw);
}

/** The value of a number of JSON: a double where one keeps it. */
export function readNumber(raw: string): number | ExactNumber {
  return isKeptByDouble(raw) ? Number(raw) : readDigits(raw);
}

/** The value of a number of JSON that is known to be none that a double keeps. */
export function readDigits(raw: string): number | ExactNumber {
  if (!JSON.rawJSON) return Number(raw);
  if (isPlainlyWritten(raw)) return JSON.rawJSON(raw);
  return JSON.rawJSON(isComparable(raw) ? writeDecimal(readDecimal(raw)) : raw);
}

/** A number as JSON writes it, in as many characters as a double needs. */
const WRITTEN = /^(?=.{1,64}$)-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** The number that a text writes, when a double keeps every digit of it; else null. */
export function readNumberText(text: string): number | null {
  return WRITTEN.test(text) && isKeptByDouble(text) ? Number(text) + 0 : null;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/** Whether every number in a JSON text keeps its digits when it is parsed. */
export function hasKeptNumbers(json: string): boolean {
  // one token at a time: all of them together take many times the memory of the text
  for (const [token] of json.matchAll(TOKEN)) if (!token.startsWith('"') && readNumberText(token) === null) return false;
  return true;
}

/** The digits of an exact number, and what ECMAScript writes for a double. */
export function writeNumber(value: number | ExactNumber): string {
  return typeof value === 'number' ? String(value) : value.rawJSON;
}

export function isInteger(value: number | ExactNumber): boolean {
  return typeof value === 'number' ? Number.isInteger(value) : readDecimal(value.rawJSON).exponent >= 0;
}

/** Less than 0, 0 or more than 0, as for sorting. Both are finite and comparable. */
export function compareNumbers(a: number | ExactNumber, b: number | ExactNumber): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [readValue(a), readValue(b)];
  const [signA, signB] = [getSign(left), getSign(right)];
  return signA === signB ? signA * compareMagnitudes(left, right) : signA - signB;
}

/** Whether one number is a whole number of times the other, as decimals: 19.99 is of 0.01, which is not so for doubles. */
export function isMultiple(value: number | ExactNumber, of: number | ExactNumber): boolean {
  if (isSafe(value) && isSafe(of)) return of !== 0 && value % of === 0;
  if (of === 0 || !hasDigits(of) || !hasDigits(value)) return false;
  const [dividend, divisor] = [readValue(value), readValue(of)];
  const least = Math.min(dividend.exponent, divisor.exponent);
  return expand(dividend, least) % expand(divisor, least) === 0n;
}

function isSafe(value: number | ExactNumber): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

function hasDigits(value: number | ExactNumber): boolean {
  return typeof value === 'number' ? Number.isFinite(value) : isComparable(value.rawJSON);
}

function expand({ digits, exponent }: Decimal, least: number): bigint {
  return BigInt(digits || '0') * 10n ** BigInt(exponent - least);
}

/** A double is the decimal that JSON writes for it: what was read as a double was written so, or with zeros more. */
function readValue(value: number | ExactNumber): Decimal {
  return readDecimal(writeNumber(value));
}

function readDecimal(raw: string): Decimal {
  const [, sign = '', whole = '', fraction = '', down = '', power = '0'] = NUMBER.exec(raw) ?? [];
  const all = cutStart(whole + fraction);
  const digits = cutEnd(all);
  if (digits === '') return { negative: sign !== '', digits, exponent: 0 };
  const exponent = Number(down + power) - fraction.length + all.length - digits.length;
  return { negative: sign !== '', digits, exponent };
}

function writeDecimal({ negative, digits, exponent }: Decimal): string {
  const sign = negative ? '-' : '';
  if (exponent >= 0 && exponent <= MOST_ZEROS) return sign + digits + '0'.repeat(exponent);
  const whole = digits.length + exponent;
  if (exponent < 0 && whole > 0) return `${sign}${digits.slice(0, whole)}.${digits.slice(whole)}`;
  if (exponent < 0 && -whole <= MOST_ZEROS) return `${sign}0.${'0'.repeat(-whole)}${digits}`;
  return `${sign}${digits}e${exponent}`;
}

function isSame(a: Decimal, b: Decimal): boolean {
  // zero is zero, with a sign or without
  return a.digits === b.digits && a.exponent === b.exponent && (a.negative === b.negative || a.digits === '');
}

function getSign({ negative, digits }: Decimal): number {
  if (digits === '') return 0;
  return negative ? -1 : 1;
}

function compareMagnitudes(a: Decimal, b: Decimal): number {
  const order = a.digits.length + a.exponent - (b.digits.length + b.exponent);
  if (order !== 0) return order;
  if (a.digits === b.digits) return 0;
  return a.digits < b.digits ? -1 : 1;
}

function cutStart(digits: string): string {
  let start = 0;
  while (digits[start] === '0') start += 1;
  return digits.slice(start);
}

/** A regular expression would try each run of zeros again from every one of them. */
function cutEnd(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}
