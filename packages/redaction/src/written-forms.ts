import { toPlainText } from './plain-text.ts';

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

/** What a text may end with that becomes something else together with what follows. */
const UNFINISHED_ESCAPE = /(?:%[0-9a-f]?|&(?:#\w{0,8}|[a-z]{0,8})|\\\w{0,4})$/i;
const WORD = /^(?:\p{L}+|\p{N}+)$/u;

/** Letters by which a secret is recognised: an escape counts once, what is not seen, line breaks and half an escape at the end not at all. */
export function countKnownLetters(secret: string): number {
  return toPlainText(secret.trim().replace(UNFINISHED_ESCAPE, '')).length;
}

/** The secret in every form that the documents list; what the reader of plain text undoes need not be among them. */
export function listWrittenForms(secret: string): WrittenForm[] {
  const rest = UNFINISHED_ESCAPE.exec(secret)?.[0] ?? '';
  const texts = [
    { text: secret.slice(0, secret.length - rest.length), rest },
    { text: secret, rest: '' },
    { text: Array.from(secret).reverse().join(''), rest: '' },
  ].map((form) => ({ ...form, text: toPlainText(form.text) }));
  // where every character was escaped on its own, what looks like an escape in the secret itself is left as it is
  for (const literal of [secret, secret.replace(/(?<=[\t\r\n])\s+/g, '')])
    texts.push({ text: Array.from(literal, (character) => toPlainText(character)).join(''), rest: '' });
  const isWord = WORD.test(secret);
  const bytes = listBytes(secret);
  const base64 = bytes.flatMap(listBase64Cores);
  const twice = listBase64Cores(Buffer.from(secret)).flatMap((core) => listBase64Cores(Buffer.from(core)));
  return [
    ...(isWord ? texts.flatMap(listCases) : texts).map((form): WrittenForm => ({ ...form, kind: isWord ? 'word' : 'plain' })),
    ...bytes.map((form): WrittenForm => ({ text: form.toString('hex'), kind: 'plain', rest: '' })),
    ...[...base64, ...twice].map((text): WrittenForm => ({ text, kind: 'base64', rest: '' })),
  ];
}

/** A word at the beginning of a sentence is no sign of a secret. */
function listCases<F extends { text: string }>(form: F): F[] {
  return [form.text, form.text.toUpperCase(), form.text.toLowerCase()].map((text) => ({ ...form, text }));
}

/** What is encoded to hex or base64: the secret itself, in either case, escaped as in JSON, HTML or an address, and as Windows writes text. */
function listBytes(secret: string): Buffer[] {
  const escapes = [
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret.toWellFormed()),
    secret.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`),
  ];
  const texts = new Set([secret, secret.toUpperCase(), secret.toLowerCase(), ...escapes]);
  return [...Array.from(texts, (text) => Buffer.from(text, 'utf8')), Buffer.from(secret, 'utf16le')];
}

/** The characters that are the same wherever in a longer base64 text the bytes lie: one form per alignment. */
function listBase64Cores(bytes: Buffer): string[] {
  return [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    return text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
  });
}
