import { readUnit, toPlainText } from './plain-text.ts';

/**
 * One way in which a held secret stands in a text whose escapes are undone. `plain`: whatever the case. `word`: to the letter and in one
 * piece, for a secret that ordinary text may hold. `base64`: part of a longer run, which then goes as a whole.
 */
export interface WrittenForm {
  text: string;
  kind: 'plain' | 'word' | 'base64';
  /** what has to follow to the letter, since with what comes behind it could be read as an escape */
  rest: string;
}

/** What a text may end with that becomes something else together with what follows; what begins an escape may be full width, small or a tag. */
const UNFINISHED_ESCAPE = new RegExp(
  [
    '[%\\uFF05\\uFE6A\\u{E0025}][0-9a-f]?',
    '=[0-9a-f]?',
    '[&\\uFF06\\uFE60\\u{E0026}](?:#\\w{0,8}|[a-z]{0,8})',
    '[\\\\\\uFF3C\\uFE68\\u{E005C}]\\w{0,8}',
    // a sequence of a terminal
    '(?:\\u001B\\[|\\u009B)[0-?]{0,30}[ -/]{0,3}',
    '\\u001B(?:[ -/]{1,3}|[\\]PX^_]\\P{Cc}{0,30})?',
  ]
    .map((escape) => `(?:${escape})$`)
    .join('|'),
  'iu',
);
/** What begins an escape. A backslash is read as nothing until it is known what follows. */
const BEGINNINGS: ReadonlySet<string> = new Set(['', '%', '&', '\\', '\u001B', '\u009B']);
/** Longer secrets, as certificates, are not looked for where they are encoded twice. */
const MAX_TWICE = 4_096;
const WORD = /^(?:\p{L}+|\p{N}+)$/u;

/** Letters by which a secret is recognised: an escape counts once, what is not seen, line breaks and half an escape at the end not at all. */
export function countKnownLetters(secret: string): number {
  const known = secret.trim();
  return toPlainText(known.slice(0, known.length - findUnfinished(known).length)).length;
}

/** The end of a secret that what follows may make something else of, and what is not seen before it; empty for most. */
function findUnfinished(secret: string): string {
  const from = secret.length - (UNFINISHED_ESCAPE.exec(secret)?.[0].length ?? 0);
  if (from === secret.length && !/[%&\\]/.test(secret)) return '';
  let seen = 0;
  for (let index = 0; index < from;) {
    const { text, end } = readUnit(secret, index);
    if (end >= from && BEGINNINGS.has(text)) break;
    index = end;
    if (text !== '') seen = index;
  }
  return secret.slice(Math.min(seen, from));
}

/** What begins an escape, or looks so to the reader. */
const MAY_ESCAPE = /[%&\\=\p{Cc}\uFF05\uFE6A\u{E0025}\uFF06\uFE60\u{E0026}\uFF3C\uFE68\u{E005C}]/u;
const escapeJson = (text: string) => JSON.stringify(text).slice(1, -1);
const HTML: ReadonlyMap<string, string> = new Map([['&', 'amp'], ['<', 'lt'], ['>', 'gt'], ['"', 'quot'], ["'", '#39']]); // prettier-ignore
/** As they are applied to a whole text. What begins no escape is left as it is. */
const ESCAPES: readonly ((text: string) => string)[] = [
  escapeJson,
  encodeURIComponent,
  (text) => encodeURIComponent(text).toLowerCase(),
  (text) => new URLSearchParams({ '': text }).toString().slice(1),
  (text) => text.replaceAll(/[&<>"']/g, (character) => `&${HTML.get(character) ?? ''};`),
  (text) => text.replaceAll('&', '&amp;'),
  // every byte
  (text) => Buffer.from(text, 'utf8').toString('hex').replaceAll(/../g, '%$&'),
];

/** A secret in two parts as it stands in a text that was escaped once, twice, or as JSON three times. */
function listEscaped(known: string, rest: string): { text: string; rest: string }[] {
  const apply = (escape: (text: string) => string) => (parts: readonly [string, string]) =>
    [escape(parts[0]), escape(parts[1])] as const;
  const once = ESCAPES.map((escape) => apply(escape)([known.toWellFormed(), rest.toWellFormed()]));
  const twice = known.length > MAX_TWICE ? [] : ESCAPES.flatMap((escape) => once.map(apply(escape)));
  const all = [...once, ...twice, ...twice.map(apply(escapeJson))];
  return all.map(([text, end]) => ({ text: toPlainText(text), rest: end }));
}

/** The secret in every form that the documents list; what the reader of plain text undoes need not be among them. */
export function listWrittenForms(secret: string): WrittenForm[] {
  const rest = findUnfinished(secret);
  const known = secret.slice(0, secret.length - rest.length);
  // of what looks like an escape in the secret itself, one way of escaping leaves some as they are and breaks up others; and what follows its end may be read
  // as more of an escape in it
  const escaped = MAY_ESCAPE.test(secret) ? [...listEscaped(known, rest), ...listEscaped(secret, '')] : [];
  const texts = [
    { text: known, rest },
    ...escaped.flatMap((form) => (form.rest === '' ? [] : [{ text: known, rest: form.rest }])),
    { text: secret, rest: '' },
    { text: Array.from(secret).reverse().join(''), rest: '' },
    // composed and in pieces, as Korean may be written, and as UTF-8 looks when it is read as Latin-1
    { text: secret.normalize('NFC'), rest: '' },
    { text: secret.normalize('NFD'), rest: '' },
    { text: Buffer.from(secret, 'utf8').toString('latin1'), rest: '' },
  ].map((form) => ({ ...form, text: toPlainText(form.text) }));
  // a line break goes with its indentation, of blanks or as forms write them, and where every character was escaped on its own, what looks like an
  // escape in the secret itself is left as it is
  for (const unbroken of [secret, secret.replace(/[\t\r\n]\s*/g, ''), secret.replace(/[\t\r\n][\s+]*/g, '')])
    for (const text of [toPlainText(unbroken), Array.from(unbroken, (character) => toPlainText(character)).join('')])
      texts.push({ text, rest: '' });
  texts.push(...escaped, ...listQuoted(secret).map((text) => ({ text: toPlainText(text), rest: '' })));
  const isWord = WORD.test(secret);
  const bytes = listBytes(secret);
  const twice = secret.length > MAX_TWICE ? [] : listEncoded(Buffer.from(secret, 'utf8'));
  return [
    ...(isWord ? texts.flatMap(listCases) : texts).map((form): WrittenForm => ({ ...form, kind: isWord ? 'word' : 'plain' })),
    ...[...bytes, ...twice].map((form): WrittenForm => ({ text: form.toString('hex'), kind: 'plain', rest: '' })),
    ...[...bytes, ...twice].flatMap(listBase64Cores).map((text): WrittenForm => ({ text, kind: 'base64', rest: '' })),
  ];
}

/** Bytes as they are encoded once, to be encoded once more: then the case of hex makes a difference, and so do both alphabets of base64. */
function listEncoded(bytes: Buffer): Buffer[] {
  const [hex, cores] = [bytes.toString('hex'), listBase64Cores(bytes)];
  const forAddresses = cores.map((core) => core.replaceAll('+', '-').replaceAll('/', '_'));
  return Array.from(new Set([hex, hex.toUpperCase(), ...cores, ...forAddresses]), (text) => Buffer.from(text));
}

/** Doubled where a language has them doubled, as quotes in CSV and SQL, brackets in SQL, dollars in Make, braces in templates. */
const DOUBLED = ['"', "'", '`', '%', '$', '^', '&', ']', '[', '{', '}', '<', '>'];

/**
 * The secret as languages quote it within a text, other than by backslashes, which say nothing to the reader of plain text: quotes that are doubled or
 * that leave the quoted text for one letter, carets of Windows, backticks of PowerShell, CDATA of XML, a class of one letter in SQL.
 */
function listQuoted(secret: string): string[] {
  const doubled = DOUBLED.map((quote) => secret.replaceAll(quote, () => quote + quote));
  const quoted = [
    ...doubled,
    secret.replaceAll(/["'`]/g, '$&$&'),
    secret.replaceAll(/[{}]/g, '$&$&'),
    ...["'\\''", "'\"'\"'"].map((left) => secret.replaceAll("'", () => left)),
    secret.replaceAll('"', () => '"\'"\'"'),
    secret.replaceAll(/[&|<>^"()!]/g, '^$&'),
    secret.replaceAll(/[&|<>^"()!]/g, '^$&').replaceAll('%', '%%'),
    secret.replaceAll(/[`"'$]/g, '`$&'),
    secret.replaceAll(/["$`]/g, '`$&'),
    secret.replaceAll(/[`"]/g, '`$&').replaceAll("'", "''"),
    secret.replaceAll(']]>', ']]]]><![CDATA[>'),
    secret.replaceAll(/[%_[]/g, '[$&]'),
  ];
  return quoted.filter((text) => text !== secret);
}

/** A word at the beginning of a sentence is no sign of a secret. */
function listCases<F extends { text: string }>(form: F): F[] {
  return [form.text, form.text.toUpperCase(), form.text.toLowerCase()].map((text) => ({ ...form, text }));
}

/** What is encoded to hex or base64: the secret itself, in either case, composed and decomposed, escaped as in JSON, HTML or an address, in Latin-1 and UTF-16. */
function listBytes(secret: string): Buffer[] {
  const escapes = [
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret.toWellFormed()),
    secret.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`),
  ];
  const composed = (['NFC', 'NFD', 'NFKC'] as const).map((form) => secret.normalize(form));
  const texts = new Set([secret, secret.toUpperCase(), secret.toLowerCase(), ...composed, ...escapes]);
  const utf16 = Buffer.from(secret, 'utf16le');
  const bytes = [...Array.from(texts, (text) => Buffer.from(text, 'utf8')), utf16, Buffer.from(utf16).swap16()];
  return /[^\0-\u{ff}]/u.test(secret) ? bytes : [...bytes, Buffer.from(secret, 'latin1')];
}

/** The characters that are the same wherever in a longer base64 text the bytes lie: one form per alignment. */
function listBase64Cores(bytes: Buffer): string[] {
  return [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    return text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
  });
}
