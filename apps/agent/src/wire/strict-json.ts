import { isAscii } from 'node:buffer';

import { isComparable, MAX_NUMBER_LENGTH } from '@gatehouse/policy/documents/exact-number';

import { JsonTooRich } from './json-bounds.ts';
import type { JsonCensor } from './json-scan.ts';
import { readJsonText, type ReadJson } from './json-text.ts';

/** `syntax`: no JSON at all; `ambiguous`: JSON that two parsers could read differently; `too_rich`: more parts than are read of one message */
type RefusalKind = 'syntax' | 'ambiguous' | 'too_rich';

/** Why a text was refused; the message holds no part of the text. */
export class JsonRefused extends Error {
  override readonly name = 'JsonRefused';
  readonly kind: RefusalKind;
  constructor(kind: RefusalKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

export const MAX_JSON_DEPTH = 64;

/**
 * Reads JSON that says the same to every parser: UTF-8 without byte order mark, no key twice in an object, no `__proto__`, no lone surrogate, not
 * nested deeper than 64, no number that is longer than any that is needed, no more parts than are read of one message. A number that no double keeps is read as its digits. Takes time in
 * proportion to the length of the text, whatever it is. Throws JsonRefused.
 */
export function readStrictJson(bytes: Uint8Array): ReadJson {
  const read = readCensored(bytes);
  if (!read) throw new JsonRefused('syntax', 'The text is not JSON.');
  return read;
}

function readCensored(bytes: Uint8Array): ReadJson | null {
  const text = decodeUtf8(bytes);
  try {
    return readJsonText(text, new StrictCensor(), isAscii(bytes));
  } catch (error) {
    throw error instanceof JsonTooRich ? new JsonRefused('too_rich', `${error.message} Send less at a time.`) : error;
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new JsonRefused('syntax', 'The text is not UTF-8.');
  }
}

class StrictCensor implements JsonCensor {
  /** the keys of each open object; null for an open list */
  readonly #open: (Set<string> | null)[] = [];
  /** what the last text says */
  #text = '';

  open(isObject: boolean, depth: number): void {
    this.#open.push(isObject ? new Set() : null);
    if (depth > MAX_JSON_DEPTH) throw new JsonRefused('ambiguous', `The text is nested deeper than ${MAX_JSON_DEPTH} levels.`);
  }

  close(): void {
    this.#open.pop();
  }

  takeText(raw: string): void {
    this.#text = raw.includes('\\') ? String(JSON.parse(`"${raw}"`)) : raw;
    if (this.#text !== raw && !this.#text.isWellFormed()) throw new JsonRefused('ambiguous', 'A text holds half of a character.');
  }

  /** The text before it was this one. */
  takeKey(): void {
    const keys = this.#open.at(-1);
    const key = this.#text;
    if (keys?.has(key)) throw new JsonRefused('ambiguous', 'An object has the same key twice.');
    if (key === '__proto__') throw new JsonRefused('ambiguous', 'An object has the key "__proto__".');
    keys?.add(key);
  }

  takeNumber(raw: string): void {
    if (isComparable(raw)) return;
    const message = `A number is longer than ${MAX_NUMBER_LENGTH} characters, or larger or smaller than any that is of use.`;
    throw new JsonRefused('ambiguous', message);
  }
}
