import { expect, test } from 'vitest';

import { createSecretFinder } from '../src/held-secrets.ts';
import { createRedactor } from '../src/redact.ts';

const SECRET = 'sk-live_51H/x+Qz&7pR"w<9Tf';
const bytes = Buffer.from(SECRET);
const writeBytes = (write: (byte: number) => string, between = '') => Array.from(bytes, write).join(between);
const toHex = (byte: number) => byte.toString(16).padStart(2, '0');
const wrap = (text: string, width: number, end: string) => text.replace(new RegExp(`.{${width}}`, 'g'), `$&${end}`);
const base64 = bytes.toString('base64');
const long = Buffer.from(`${'x'.repeat(50)}${SECRET}${'y'.repeat(50)}`).toString('base64');

/** Each written here by other means than the code under test uses. */
const forms: Record<string, string> = {
  'upper case': SECRET.toUpperCase(),
  'lower case': SECRET.toLowerCase(),
  'JSON with an escaped ampersand': JSON.stringify(SECRET).replaceAll('&', '\\u0026').replaceAll('<', '\\u003C'),
  'JSON with an escaped slash': JSON.stringify(SECRET).replaceAll('/', '\\/'),
  'JSON in JSON in JSON': JSON.stringify(JSON.stringify(JSON.stringify(SECRET).replaceAll('&', '\\u0026'))),
  'every letter as \\u': writeBytes((byte) => `\\u00${toHex(byte)}`),
  'every letter as \\u in braces': writeBytes((byte) => `\\u{${byte.toString(16)}}`),
  'every letter as \\x': writeBytes((byte) => `\\x${toHex(byte)}`),
  octal: writeBytes((byte) => `\\${byte.toString(8).padStart(3, '0')}`),
  'percent, twice': encodeURIComponent(encodeURIComponent(SECRET)),
  'percent in small letters, every byte': writeBytes((byte) => `%${toHex(byte)}`),
  'percent after JSON': encodeURIComponent(JSON.stringify(SECRET).replaceAll('&', '\\u0026')),
  'decimal entities': writeBytes((byte) => `&#${byte};`),
  'hex entities with zeros': writeBytes((byte) => `&#X00${toHex(byte).toUpperCase()};`),
  'named entities': SECRET.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll('/', '&sol;'),
  'entities, twice': SECRET.replaceAll('&', '&amp;amp;').replaceAll('<', '&amp;#60;'),
  'quoted-printable': writeBytes((byte) => (byte % 3 === 0 ? `=${toHex(byte).toUpperCase()}` : String.fromCharCode(byte))),
  'quoted-printable with soft breaks': wrap(SECRET, 5, '=\r\n'),
  'quoted-printable in JSON': JSON.stringify(wrap(SECRET.replaceAll('&', '=26'), 7, '=\r\n')),
  base64,
  'base64 in lines': wrap(long, 76, '\r\n'),
  'base64 in short lines, in JSON': JSON.stringify(wrap(base64, 9, '\n')),
  'base64 for addresses': bytes.toString('base64url'),
  'base64, percent': encodeURIComponent(base64),
  'base64 of base64': Buffer.from(JSON.stringify({ auth: Buffer.from(`robot:${SECRET}`).toString('base64') })).toString('base64'),
  'base64 of base64, behind one letter': Buffer.from(`.${Buffer.from(`:${SECRET}`).toString('base64url')}`).toString('base64url'),
  'base64 of base64, behind two': Buffer.from(`..${Buffer.from(`::${SECRET}`).toString('base64')}`).toString('base64'),
  'base64 for addresses, in a longer text': `/v1/${Buffer.from(`..${SECRET}`).toString('base64url')}/x`,
  'base64 of hex': Buffer.from(bytes.toString('hex')).toString('base64'),
  'base64 of hex in capitals, in a longer text': Buffer.from(`0x${bytes.toString('hex').toUpperCase()}`).toString('base64'),
  'hex of base64': Buffer.from(base64).toString('hex'),
  'hex of base64 for addresses': Buffer.from(bytes.toString('base64url')).toString('hex').toUpperCase(),
  'hex of hex': Buffer.from(bytes.toString('hex')).toString('hex'),
  'hex as Windows writes it, the other way round': Buffer.from(SECRET, 'utf16le').swap16().toString('hex'),
  'long escapes of Python': writeBytes((byte) => `\\U000000${toHex(byte)}`),
  'base64 of upper case': Buffer.from(SECRET.toUpperCase()).toString('base64'),
  'base64 of JSON': Buffer.from(JSON.stringify({ a: SECRET })).toString('base64'),
  'base64 as Windows writes it': Buffer.from(SECRET, 'utf16le').toString('base64'),
  'hex in capitals': bytes.toString('hex').toUpperCase(),
  'hex with colons': writeBytes(toHex, ':'),
  'hex with blanks and line breaks': JSON.stringify(wrap(writeBytes(toHex, ' '), 24, '\n')),
  'hex in pairs': bytes.toString('hex').replace(/.{4}/g, '$& '),
  'hex numbers': `[${writeBytes((byte) => `0x${toHex(byte)}`, ', ')}]`,
  'list of bytes': JSON.stringify([...bytes]),
  'list of bytes in lines': JSON.stringify(JSON.stringify([...bytes], null, 2)),
  'a buffer': JSON.stringify(bytes),
  'a typed array': JSON.stringify(new Uint8Array(bytes)),
  'zero-width joiners': Array.from(SECRET).join('\u200D'),
  'soft hyphens': Array.from(SECRET).join('\u00AD'),
  'zero-width spaces, escaped': Array.from(SECRET).join('\\u200b'),
  'colours of a terminal, in JSON': JSON.stringify(Array.from(SECRET).join('\u001B[0m')),
  'colours of a terminal': Array.from(SECRET).join('\u001B[0m'),
  'colours of a terminal, in one character': Array.from(SECRET).join('\u009B0m'),
  'titles of a terminal': Array.from(SECRET).join('\u001B]0;title\u0007'),
  'links of a terminal': Array.from(SECRET).join('\u001B]8;;https://a.example\u001B\\'),
  'messages to a terminal': Array.from(SECRET).join('\u001BPq\u001B\\'),
  'sets of letters of a terminal': Array.from(SECRET).join('\u001B(B'),
  'blanks of braille': Array.from(SECRET).join('\u2800'),
  'full width': writeBytes((byte) => String.fromCharCode(byte + 0xfee0)),
  'bold letters': SECRET.replace(/[a-z]/g, (letter) => String.fromCodePoint(0x1d41a + letter.charCodeAt(0) - 97)),
  'tag characters': writeBytes((byte) => String.fromCodePoint(0xe0000 + byte)),
  'two lines': `${SECRET.slice(0, 9)}\n    ${SECRET.slice(9)}`,
  'two lines, in JSON': JSON.stringify(`${SECRET.slice(0, 9)}\r\n\t${SECRET.slice(9)}`),
  'right behind a backslash': `C:\\${SECRET}`,
  'right behind an equals sign': `=${SECRET}`,
};

test.each(Object.entries(forms))('T-28: found and gone as a whole: %s', (_, written) => {
  const { text, rules } = createRedactor({ secrets: ['another-secret', SECRET] }).redact(`a: ${written}; b`);
  expect(rules).toContain('credential');
  const rest = text.replaceAll('[redacted:credential]', '').replace(/\\?[rn]|0x|"\d+"|type|Buffer|data|C|[^A-Za-z0-9]/g, '');
  expect(rest.replace(/^a|b$/g, '')).toMatch(written === forms['base64 in lines'] ? /^[A-Za-z0-9]{0,140}$/ : /^(?:3D|\d){0,4}$/);
});

test.each(Object.entries(forms))('T-28: found in a JSON text, and in one within another: %s', (_, written) => {
  const redactor = createRedactor({ secrets: ['another-secret', SECRET] });
  for (const json of [JSON.stringify({ written }), JSON.stringify(JSON.stringify({ written }))]) {
    const { text, rules } = redactor.redact(json);
    expect(rules).toContain('credential');
    expect(redactor.redact(text).rules).not.toContain('credential');
  }
});

const QUOTED = `a"b'c\`d$e%f&g|h^i]]>j{k}l_m\\q7.8+9*Z`;

test.each(
  Object.entries({
    CSV: `x,"${QUOTED.replaceAll('"', '""')}",y`,
    SQL: `'${QUOTED.replaceAll("'", "''")}'`,
    'SQL, as a pattern': QUOTED.replaceAll(/[%_]/g, '[$&]'),
    'POSIX shell': `'${QUOTED.replaceAll("'", "'\\''")}'`,
    'POSIX shell, other quotes': `'${QUOTED.replaceAll("'", `'"'"'`)}'`,
    'POSIX shell, double quotes': `"${QUOTED.replaceAll(/["$`\\]/g, '\\$&')}"`,
    'POSIX shell, without quotes': QUOTED.replaceAll(/[^\w]/g, '\\$&'),
    'Windows cmd': QUOTED.replaceAll(/[&|<>^"]/g, '^$&'),
    'Windows batch file': QUOTED.replaceAll(/[&|<>^"]/g, '^$&').replaceAll('%', '%%'),
    'PowerShell, single quotes': QUOTED.replaceAll("'", "''"),
    'PowerShell, double quotes': QUOTED.replaceAll(/["$`]/g, '`$&'),
    Python: QUOTED.replaceAll(/['\\]/g, '\\$&'),
    'C and JavaScript': QUOTED.replaceAll(/["'`\\]/g, '\\$&'),
    'a regular expression': QUOTED.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'),
    CDATA: `<![CDATA[${QUOTED.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`,
    'YAML, single quotes': `'${QUOTED.replaceAll("'", "''")}'`,
    'TOML, double quotes': `"${QUOTED.replaceAll(/["\\]/g, '\\$&')}"`,
    'a Makefile': QUOTED.replaceAll('$', '$$$$'),
    'a format string': QUOTED.replaceAll(/[{}]/g, '$&$&'),
    printf: QUOTED.replaceAll('%', '%%'),
    Markdown: QUOTED.replaceAll(/[`*_{}[\]()#+.!|-]/g, '\\$&'),
    'percent, twice': encodeURIComponent(encodeURIComponent(QUOTED)),
    'CSV in JSON': JSON.stringify({ csv: `"${QUOTED.replaceAll('"', '""')}"` }),
  }),
)('T-28: a credential is found as quoted in: %s', (_, written) => {
  const find = createSecretFinder([QUOTED]);
  expect(find(`x ${written} y`)).not.toEqual([]);
  expect(find(JSON.stringify({ written }))).not.toEqual([]);
});

const LATIN = 'Pä55-wörd/Ñandú+é9ø';
const FOREIGN = `${LATIN}한국`;
const decomposed = FOREIGN.normalize('NFD');
const latin1 = Buffer.from(LATIN, 'latin1');
const write = (buffer: Buffer, letter: (byte: number) => string) => Array.from(buffer, letter).join('');

test.each([
  ['decomposed', FOREIGN, decomposed],
  ['composed', decomposed, FOREIGN],
  [
    'decomposed, in \\u',
    FOREIGN,
    decomposed.replace(/[^\0-~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  ],
  ['without accents', FOREIGN, decomposed.replace(/[\u0300-\u036F]/g, '').normalize('NFC')],
  ['UTF-8 read as Latin-1', FOREIGN, Buffer.from(FOREIGN).toString('latin1')],
  ['every byte', FOREIGN, write(Buffer.from(FOREIGN), (byte) => `\\x${toHex(byte)}`)],
  ['percent, decomposed', FOREIGN, encodeURIComponent(decomposed)],
  ['every byte of Latin-1', LATIN, write(latin1, (byte) => `\\x${toHex(byte)}`)],
  ['percent of Latin-1', LATIN, write(latin1, (byte) => `%${toHex(byte)}`)],
  ['octal of Latin-1', LATIN, write(latin1, (byte) => `\\${byte.toString(8).padStart(3, '0')}`)],
  [
    'named entities',
    LATIN,
    LATIN.replace('ä', '&auml;').replace('Ñ', '&Ntilde;').replace('ø', '&oslash;').replace('é', '&eacute;'),
  ],
  ['numbered entities', FOREIGN, FOREIGN.replace(/[^\0-~]/g, (letter) => `&#${letter.charCodeAt(0)};`)],
  ['base64 of Latin-1', LATIN, latin1.toString('base64')],
  ['base64 of the decomposed', FOREIGN, Buffer.from(decomposed).toString('base64')],
  ['hex of the decomposed', FOREIGN, Buffer.from(decomposed).toString('hex')],
  ['hex of UTF-16', FOREIGN, Buffer.from(FOREIGN, 'utf16le').toString('hex')],
])('T-28: a credential with letters beyond ASCII is found: %s', (_, secret, written) => {
  const find = createSecretFinder([secret]);
  expect(find(`x ${written} y`)).not.toEqual([]);
  expect(find(JSON.stringify({ written }))).not.toEqual([]);
});

test('T-28: a secret that is a word does not take more of ordinary text than the word itself', () => {
  const redactor = createRedactor({ secrets: ['housekeeping'] });
  const ordinary = 'Housekeeping is done. House keeping, house-keeping, house\nkeeping, HouseKeeping.';
  expect(redactor.redact(ordinary).text).toBe(ordinary);
  expect(redactor.redact('housekeeping HOUSEKEEPING h\u200Bousekeeping').text).toBe(
    '[redacted:credential] [redacted:credential] [redacted:credential]',
  );
});

test('T-28: numbers, dates and addresses are no lists of bytes', () => {
  const find = createSecretFinder([SECRET]);
  expect(find('[1, 2, 3, 10, 20, 30, 255, 1000] 2026-11-28T10:11:12Z 192.168.10.12:8080 0x10 0x20 0x30 0x40 0x50')).toEqual([]);
});

/** How often a method is called: by default the one that looks at a character. */
function countSteps(run: () => void, prototype: object = String.prototype, method = 'charCodeAt'): number {
  let steps = 0;
  const native = Object.getOwnPropertyDescriptor(prototype, method) ?? {};
  const value = function (this: unknown, ...given: unknown[]): unknown {
    steps += 1;
    return Reflect.apply(native.value, this, given);
  };
  Object.defineProperty(prototype, method, { ...native, value });
  try {
    run();
  } finally {
    Object.defineProperty(prototype, method, native);
  }
  return steps;
}

const REPEATED = `${'a'.repeat(2_000)}-`;
const dear: [secret: string, part: string][] = [
  ...[
    '%5c',
    '\\n\u200B',
    '=20',
    '&amp;',
    '%2525',
    '=\u200B0A',
    '1,',
    '\\',
    '\\"',
    '\\n',
    '=\n',
    '\n\u200B',
    '&#38;#',
    'g123456789',
    '\\u001b',
    '\\u0000',
    '\u001B',
  ].map((part): [string, string] => [SECRET, part]),
  ...['sk-l', 'sk-live', 'skk-', base64.slice(0, 12), base64.slice(0, 4), SECRET.slice(0, 20)].map((part): [string, string] => [
    SECRET,
    part,
  ]),
  ...['a', 'aaaa-', `${'a'.repeat(1_999)}-`, 'a\\n'].map((part): [string, string] => [REPEATED, part]),
];

test.each(dear)('T-28: a text made to be read slowly is read once: %#', (secret, part) => {
  const find = createSecretFinder([secret]);
  const text = part.repeat(Math.ceil(20_000 / part.length));
  const steps = countSteps(() => find(text));
  expect(steps).toBeLessThan(text.length * 200);
  expect(countSteps(() => find(text + text))).toBeLessThan(steps * 2.2 + 1_000);
});

test.each(['\\u001b', '\\u0000', '\\\\u001b', '\\x1b', '\\u001b\\u200d'])(
  'T-28: a text of nothing but what is not seen, %s, is read with few patterns and not far ahead',
  (part) => {
    const find = createSecretFinder(['1b-u001b-live-51H', '00-live-51Hxyz', 'u0-live-5198', 'b_09823kjhsdf']);
    const text = part.repeat(2_000);
    expect(countSteps(() => find(text))).toBeLessThan(text.length * 40);
    expect(countSteps(() => find(text), RegExp.prototype, 'exec')).toBeLessThan(text.length * 4);
  },
);

test('T-28: a text without escapes is looked at once for its letters, and less than once more for lists of bytes', () => {
  const text = 'The quick brown fox jumps over the lazy dog, and sleeps until the evening. '.repeat(200);
  const find = createSecretFinder([SECRET]);
  expect(countSteps(() => find(text))).toBeLessThan(text.length * 1.5);
});

test('T-28: a secret that repeats itself is found in a text that repeats it', () => {
  const find = createSecretFinder([REPEATED]);
  expect(find('a'.repeat(400_000))).toEqual([]);
  expect(find(`${'a'.repeat(400_000)}-`)).not.toEqual([]);
});
