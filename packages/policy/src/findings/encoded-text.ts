/** A stretch of a text that says something only once it is decoded, `end` exclusive. */
export interface EncodedStretch {
  start: number;
  end: number;
  decoded: string;
}

const MIN_DECODED = 8;
/** Encoded text within encoded text is decoded this often. */
const MAX_LAYERS = 3;

const fromHex = (found: string) => Buffer.from(found.replaceAll(/[^0-9a-f]/gi, ''), 'hex').toString('utf8');
const fromCodes = (found: string, radix: number) =>
  Array.from(found.match(/[0-9a-f]+/gi) ?? [], (code) => toCharacter(Number.parseInt(code, radix))).join('');

/** What looks encoded, and what it stands for then. Each reads a text in time in proportion to it. */
const DECODERS: readonly [RegExp, (found: string) => string][] = [
  [/(?<![\w+/-])[\w+/-]{12,}(?:\s{0,3}[\w+/-]{40,})*/g, (found) => decodeBase64(found.replaceAll(/\s/g, ''))],
  [/(?<![0-9a-z])(?:0x)?(?:[0-9a-f]{2}(?:0x|[\s:,-]){0,3}){10,}(?![0-9a-z])/gi, (found) => fromHex(found.replaceAll(/0x/gi, ''))],
  [/(?:%[0-9a-f]{2}){6,}|(?:\\x[0-9a-f]{2}){6,}/gi, fromHex],
  [/(?:(?:\\u\{?|U\+|&#x)[0-9a-f]{2,6}[;}\s,]?){6,}/gi, (found) => fromCodes(found.replaceAll(/\\u\{?|U\+|&#x/gi, ' '), 16)],
  [/(?:&#\d{2,6};?){6,}|(?<!\d)(?:\d{2,3}[\s,]{1,3}){9,}\d{2,3}(?!\d)/g, (found) => fromCodes(found, 10)],
  [/(?:\\[0-3][0-7]{2}){6,}/g, (found) => fromCodes(found, 8)],
  [/(?<!\d)(?:[01]{8}\s{0,2}){6,}(?!\d)/g, (found) => fromCodes((found.match(/[01]{8}/g) ?? []).join(' '), 2)],
  [/(?<![.\w-])(?:[.\-·•–−]{1,5}[ /|]{1,3}){8,}[.\-·•–−]{0,5}/g, decodeMorse],
];

/** Passages that a model reads although a person does not: in base64, hex, escapes, codes, morse, shifted or turned letters. */
export function findEncodedText(text: string, layers = MAX_LAYERS): EncodedStretch[] {
  const found = DECODERS.flatMap(([pattern, decode]) =>
    Array.from(text.matchAll(pattern), ({ index, 0: written }) => ({
      start: index,
      end: index + written.length,
      decoded: decode(written),
    })),
  ).filter(({ decoded }) => isReadable(decoded));
  return [...found, ...findShifted(text)].map((stretch) => {
    const [inner] = layers > 1 ? findEncodedText(stretch.decoded, layers - 1) : [];
    return inner ? { ...stretch, decoded: inner.decoded } : stretch;
  });
}

function toCharacter(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '';
}

function decodeBase64(text: string): string {
  const bytes = Buffer.from(text, 'base64');
  const isWide = bytes.length > 8 && bytes.every((byte, index) => index % 2 === 0 || byte === 0);
  return bytes.toString(isWide ? 'utf16le' : 'utf8').replace(/\uFFFD$/, '');
}

/** The letters and digits in their order. */
const CODES =
  '.- -... -.-. -.. . ..-. --. .... .. .--- -.- .-.. -- -. --- .--. --.- .-. ... - ..- ...- .-- -..- -.-- --.. ' +
  '----- .---- ..--- ...-- ....- ..... -.... --... ---.. ----.';
const MORSE: ReadonlyMap<string, string> = new Map(
  CODES.split(' ').map((code, at) => [code, 'abcdefghijklmnopqrstuvwxyz0123456789'.charAt(at)]),
);

/** Lines of a table and dots that lead on have few different letters. */
function decodeMorse(text: string): string {
  const words = text
    .replaceAll(/[·•]/g, '.')
    .replaceAll(/[–−]/g, '-')
    .trim()
    .split(/\s*[/|]\s*|\s{2,}/);
  const decoded = words.map((word) => Array.from(word.split(' '), (code) => MORSE.get(code) ?? '\uFFFD').join('')).join(' ');
  return new Set(decoded).size > 4 ? decoded : '';
}

/** Mostly letters and digits, and nothing that no text has. Bytes that were no text decode to something else. */
function isReadable(text: string): boolean {
  if (text.length < MIN_DECODED || /[\uFFFD\p{Cn}\p{Co}\p{Cs}]|(?![\n\r\t])\p{Cc}/u.test(text)) return false;
  return (text.match(/[\p{L}\p{N}\s]/gu)?.length ?? 0) * 10 >= Array.from(text).length * 6;
}

const COMMON = new Set(
  (
    'the and you this all must ignore send not with read file files user before any tool key keys from instructions previous that first call ' +
    'your never tell system prompt secret always then what how can is of to in an by it be for are on as or if at about who why when where ' +
    'which explain describe provide'
  ).split(' '),
);
const WORDS = /[a-z]{2,}/gi;
const SENTENCE = /[^.:!?\n]{12,400}/g;
/** Where only six letters are, as in a hash, nothing is said in any alphabet, though by chance they make a short word. */
const BEYOND_HEX = /[g-z]/i;
/** Common words by which a sentence was turned around, or is in ROT13, whatever its letters are: one may be read by chance, as `on` in `no`. */
const MIN_CERTAIN = 3;
const MIN_LETTERS = 14;
const [CAPITAL_A, SMALL_A, ALPHABET] = [65, 97, 26];
/** How often each letter stands in a thousand letters of English, as a logarithm. */
const FREQUENCIES = [
  82, 15, 28, 43, 127, 22, 20, 61, 70, 1.5, 7.7, 40, 24, 67, 75, 19, 1, 60, 63, 91, 28, 9.8, 24, 1.5, 20, 0.7,
].map(Math.log);
/** By how much more like English a sentence is in the mean of its letters when it counts as shifted. */
const MIN_GAIN = 0.35;

/** Sentences that are English once each letter is moved by the same number of places, as in ROT13, or once they are turned around. */
function findShifted(text: string): EncodedStretch[] {
  return Array.from(text.matchAll(SENTENCE)).flatMap(({ index, 0: sentence }) => {
    if (!BEYOND_HEX.test(sentence)) return [];
    const common = countCommon(sentence);
    const turned = Array.from(sentence).reverse().join('');
    const certain = [turned, moveLetters(sentence, ALPHABET / 2)].find((text) => countCommon(text) >= common + MIN_CERTAIN);
    const decoded = certain ?? moveLetters(sentence, findShift(sentence));
    return countCommon(decoded) > common ? [{ start: index, end: index + sentence.length, decoded }] : [];
  });
}

/** By how many places the letters are to be moved; 0 when that makes nothing more like English. */
function findShift(sentence: string): number {
  const letters = Array.from(sentence.matchAll(/[a-z]/gi), ([letter]) => letter.toLowerCase().charCodeAt(0) - SMALL_A);
  if (letters.length < MIN_LETTERS) return 0;
  const likeness = FREQUENCIES.map((_, by) => {
    const sum = letters.reduce((total, letter) => total + (FREQUENCIES[(letter + by) % ALPHABET] ?? 0), 0);
    return sum / letters.length;
  });
  const [asItIs = 0] = likeness;
  const best = Math.max(...likeness);
  return best - asItIs >= MIN_GAIN ? likeness.indexOf(best) : 0;
}

function moveLetters(text: string, by: number): string {
  return text.replaceAll(/[a-z]/gi, (letter) => {
    const first = letter < 'a' ? CAPITAL_A : SMALL_A;
    return String.fromCharCode(first + ((letter.charCodeAt(0) - first + by) % ALPHABET));
  });
}

function countCommon(text: string): number {
  return new Set(Array.from(text.matchAll(WORDS), ([word]) => word.toLowerCase()).filter((word) => COMMON.has(word))).size;
}
