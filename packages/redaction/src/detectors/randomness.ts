const MIN_LENGTH = 20;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const UUID_LENGTH = 36;
const ASCII = 128;
const LAST_HEX = 'f'.charCodeAt(0);

const [SEPARATOR, DIGIT, LOWER, UPPER] = [0, 1, 2, 3] as const;
const KIND = new Uint8Array(ASCII);
for (let code = 0; code < ASCII; code += 1) {
  const character = String.fromCharCode(code);
  KIND[code] = /\d/.test(character) ? DIGIT : /[a-z]/.test(character) ? LOWER : /[A-Z]/.test(character) ? UPPER : SEPARATOR;
}

/** Bits per character by the frequency of letters and digits. */
function computeEntropy(text: string, length: number): number {
  const counts = new Uint32Array(ASCII);
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (KIND[code]) counts[code] = (counts[code] ?? 0) + 1;
  }
  let bits = 0;
  for (const count of counts) if (count) bits -= (count / length) * Math.log2(count / length);
  return bits;
}

interface CharacterCounts {
  digits: number;
  lower: number;
  upper: number;
  separators: number;
  /** letters after f */
  beyondHex: number;
  /** how often neighbours are of different kinds */
  changes: number;
}

function countCharacterKinds(text: string): CharacterCounts {
  const makeup = { digits: 0, lower: 0, upper: 0, separators: 0, beyondHex: 0, changes: 0 };
  let before: number = SEPARATOR;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    const kind = KIND[code] ?? SEPARATOR;
    if (kind === DIGIT) makeup.digits += 1;
    else if (kind === LOWER) makeup.lower += 1;
    else if (kind === UPPER) makeup.upper += 1;
    else makeup.separators += 1;
    if (kind > DIGIT && (code | 32) > LAST_HEX) makeup.beyondHex += 1;
    if (kind !== before && kind !== SEPARATOR && before !== SEPARATOR) makeup.changes += 1;
    before = kind;
  }
  return makeup;
}

/**
 * True for text that looks randomly generated: long, spread over many characters, and changing between digits, small and capital letters
 * far more often than names, versions and paths do. UUIDs do not count: they are ids, not secrets.
 */
export function isRandom(text: string): boolean {
  if (text.length < MIN_LENGTH || (text.length === UUID_LENGTH && UUID.test(text))) return false;
  const { digits, lower, upper, separators, beyondHex, changes } = countCharacterKinds(text);
  const length = digits + lower + upper;
  if (length < MIN_LENGTH || length === digits || separators > length / 4) return false;
  const mixed = lower > 0 && upper > 0;
  const rate = changes / length;
  if (!beyondHex && !mixed) return digits >= length / 5 && digits < length - 2 && computeEntropy(text, length) > 3;
  if (!digits) return mixed && length >= 24 && rate > 0.42 && computeEntropy(text, length) > 3.7;
  return rate > (mixed ? 0.36 : 0.28) && computeEntropy(text, length) > 3.4;
}
