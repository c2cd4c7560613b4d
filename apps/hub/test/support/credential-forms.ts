/** In no character an ordinary one: quotes, slashes and an ampersand are escaped differently everywhere. */
export const CREDENTIAL = 'sk-live_51H/x+Qz&7pR"w<9Tf';

const bytes = Buffer.from(CREDENTIAL);
const base64 = bytes.toString('base64');
const toHex = (byte: number): string => byte.toString(16).padStart(2, '0');
const writeBytes = (write: (byte: number) => string, between = ''): string => Array.from(bytes, write).join(between);
const wrap = (text: string, width: number, end: string): string => text.replace(new RegExp(`.{${width}}`, 'g'), `$&${end}`);

/** Of every form that docs/agent.md lists one or more, as a server may write it. */
export const FORMS: Record<string, string> = {
  'as it is': CREDENTIAL,
  capitals: CREDENTIAL.toUpperCase(),
  'small letters': CREDENTIAL.toLowerCase(),
  reversed: Array.from(CREDENTIAL).reverse().join(''),
  'full width': writeBytes((byte) => String.fromCharCode(byte + 0xfee0)),
  'bold letters': CREDENTIAL.replace(/[a-z]/g, (letter) => String.fromCodePoint(0x1d41a + letter.charCodeAt(0) - 97)),
  'tag characters': writeBytes((byte) => String.fromCodePoint(0xe0000 + byte)),
  JSON: JSON.stringify(CREDENTIAL).replaceAll('&', '\\u0026').replaceAll('/', '\\/'),
  'JSON in JSON': JSON.stringify(JSON.stringify(CREDENTIAL).replaceAll('&', '\\u0026')),
  'every letter as \\u': writeBytes((byte) => `\\u00${toHex(byte)}`),
  'every letter as \\u in braces': writeBytes((byte) => `\\u{${byte.toString(16)}}`),
  'every letter as \\x': writeBytes((byte) => `\\x${toHex(byte)}`),
  octal: writeBytes((byte) => `\\${byte.toString(8).padStart(3, '0')}`),
  percent: encodeURIComponent(CREDENTIAL),
  'percent, every byte, three times': writeBytes((byte) => `%2525${toHex(byte)}`),
  'JSON, percent': encodeURIComponent(JSON.stringify(CREDENTIAL).replaceAll('&', '\\u0026')),
  'decimal entities': writeBytes((byte) => `&#${byte};`),
  'hex entities with zeros': writeBytes((byte) => `&#X00${toHex(byte).toUpperCase()};`),
  'named entities, twice': CREDENTIAL.replaceAll('&', '&amp;amp;').replaceAll('<', '&amp;lt;').replaceAll('"', '&amp;quot;'),
  'quoted-printable': writeBytes((byte) => (byte % 3 === 0 ? `=${toHex(byte).toUpperCase()}` : String.fromCharCode(byte))),
  'quoted-printable with soft breaks': wrap(CREDENTIAL, 5, '=\r\n'),
  base64,
  'base64 for addresses': bytes.toString('base64url'),
  'base64 in lines': wrap(base64, 9, '\r\n'),
  'base64 of more': Buffer.from(`user:${CREDENTIAL}@host`).toString('base64'),
  'base64 of base64': Buffer.from(base64).toString('base64'),
  'base64 of capitals': Buffer.from(CREDENTIAL.toUpperCase()).toString('base64'),
  'base64 of JSON': Buffer.from(JSON.stringify({ a: CREDENTIAL })).toString('base64'),
  'base64 as Windows writes it': Buffer.from(CREDENTIAL, 'utf16le').toString('base64'),
  hex: bytes.toString('hex'),
  'hex in capitals with colons': writeBytes(toHex, ':').toUpperCase(),
  'hex numbers': `[${writeBytes((byte) => `0x${toHex(byte)}`, ', ')}]`,
  'hex in pairs': bytes.toString('hex').replace(/.{4}/g, '$& '),
  'list of bytes': JSON.stringify([...bytes]),
  'a buffer': JSON.stringify(bytes),
  'a typed array': JSON.stringify(new Uint8Array(bytes)),
  'zero-width joiners': Array.from(CREDENTIAL).join('\u200D'),
  'soft hyphens': Array.from(CREDENTIAL).join('\u00AD'),
  'colours of a terminal': Array.from(CREDENTIAL).join('\u001B[0m'),
  'two lines': `${CREDENTIAL.slice(0, 9)}\n    ${CREDENTIAL.slice(9)}`,
};

const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", sol: '/' };
const SHORT: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };
const toCharacter = (code: number): string => (code <= 0x10ffff ? String.fromCodePoint(code) : '');

function undoBackslash(_: string, four?: string, braced?: string, two?: string, octal?: string, letter = ''): string {
  const hex = four ?? braced ?? two;
  if (hex !== undefined) return toCharacter(Number.parseInt(hex, 16));
  return octal === undefined ? (SHORT[letter] ?? letter) : toCharacter(Number.parseInt(octal, 8));
}

/** One layer of every escape at once, of invisible characters and of line breaks. */
function undoLayer(text: string): string {
  return text
    .replaceAll(/[\u{E0020}-\u{E007E}]/gu, (tag) => toCharacter((tag.codePointAt(0) ?? 0) - 0xe0000))
    .normalize('NFKC')
    .replaceAll(/(?:\p{Cc}|\\u001b|\\x1b)\[[\d;]*m/giu, '')
    .replaceAll(/\\(?:u([\da-f]{4})|u\{([\da-f]{1,6})\}|x([\da-f]{2})|([0-3][0-7]{2})|(.))/gisu, undoBackslash)
    .replaceAll(/%([\da-f]{2})/gi, (_, hex: string) => toCharacter(Number.parseInt(hex, 16)))
    .replaceAll(/&#x([\da-f]{1,8});?/gi, (_, hex: string) => toCharacter(Number.parseInt(hex, 16)))
    .replaceAll(/&#(\d{1,8});?/g, (_, code: string) => toCharacter(Number(code)))
    .replaceAll(/&([a-z]{2,4});/gi, (whole, name: string) => NAMED[name.toLowerCase()] ?? whole)
    .replaceAll(/=\r?\n/g, '')
    .replaceAll(/=([\da-f]{2})/gi, (_, hex: string) => toCharacter(Number.parseInt(hex, 16)))
    .replaceAll(/[\p{Cf}\p{Default_Ignorable_Code_Point}]|\s+/gu, '');
}

function* listLayers(text: string): Generator<string> {
  let layer = text;
  for (let depth = 0; depth < 4; depth += 1) {
    yield layer;
    layer = undoLayer(layer);
  }
}

/** What runs of base64, hex and numbers in a text stand for. */
function* decodeRuns(text: string): Generator<string> {
  for (const [run] of text.matchAll(/[\w+/-]{16,}/g)) {
    for (let skip = 0; skip < 4; skip += 1) {
      const decoded = Buffer.from(run.slice(skip), 'base64');
      yield decoded.toString('latin1');
      yield decoded.toString('utf16le');
      yield decoded.subarray(1).toString('utf16le');
    }
  }
  for (const [run] of text.matchAll(/(?:(?:0x|\\x)?[\da-f]{2}[\s:,-]{0,2}){12,}/gi)) {
    const digits = run.replaceAll(/0x|\\x|[\s:,-]/gi, '');
    yield Buffer.from(digits, 'hex').toString('latin1');
    yield Buffer.from(digits.slice(1), 'hex').toString('latin1');
  }
  for (const [run] of text.matchAll(/(?:(?:"\d+":)?\d{1,3}\s*,\s*){11,}(?:"\d+":)?\d{1,3}/g))
    yield run
      .replaceAll(/"\d+":/g, '')
      .split(',')
      .map((number) => toCharacter(Number(number)))
      .join('');
}

/** Half of it at least: what was decoded of something else is noise. */
const isText = (text: string): boolean => (text.match(/[\x20-\x7E]/g)?.length ?? 0) * 2 > text.length;

const NEEDLES = [CREDENTIAL.toLowerCase(), Array.from(CREDENTIAL.toLowerCase()).reverse().join('')];
const holds = (text: string): boolean => NEEDLES.some((needle) => text.toLowerCase().includes(needle));

/** A text and what it stands for once whole texts are undone, layer by layer, and its encoded parts decoded. Knows nothing of the code under test. */
export function* listReadings(text: string, depth = 2): Generator<string> {
  for (const layer of listLayers(text)) {
    yield layer;
    if (depth > 0) for (const decoded of decodeRuns(layer)) if (isText(decoded)) yield* listReadings(decoded, depth - 1);
  }
}

/** Whether a text holds the credential in any form. */
export function holdsCredential(text: string): boolean {
  for (const reading of listReadings(text)) if (holds(reading)) return true;
  return false;
}
