import { hash } from 'node:crypto';

import { isJsonObject, type JsonObject } from './json.ts';

/**
 * RFC 8785 canonical JSON of a JSON value: members in the order of their names' UTF-16 units, numbers and texts as ECMAScript writes them. A member
 * that is undefined is left out. Throws TypeError on values that JSON cannot hold. Written here because every receipt is hashed: it takes about half
 * the time of the library that its test compares it with.
 */
export function toCanonicalJson(value: unknown): string {
  if (typeof value === 'string') return writeText(value);
  if (typeof value === 'boolean' || value === null || (typeof value === 'number' && Number.isFinite(value))) return String(value);
  if (Array.isArray(value)) return writeList(value);
  if (isJsonObject(value) && typeof value['toJSON'] !== 'function') return writeObject(value);
  throw new TypeError('Not a JSON value');
}

function writeList(items: readonly unknown[]): string {
  let text = '[';
  for (const item of items) {
    if (text !== '[') text += ',';
    text += toCanonicalJson(item);
  }
  return `${text}]`;
}

function writeObject(value: JsonObject): string {
  let text = '{';
  for (const name of sortNames(Object.keys(value))) {
    const member = value[name];
    if (member === undefined) continue;
    if (text !== '{') text += ',';
    text += `${writeText(name)}:${toCanonicalJson(member)}`;
  }
  return `${text}}`;
}

/** What JSON escapes, and halves of pairs, which it cannot hold. */
const NOT_PLAIN = /["\\\p{Cc}\p{Cs}]/u;

function writeText(text: string): string {
  if (!NOT_PLAIN.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new TypeError('Not a JSON value');
  return JSON.stringify(text);
}

const FEW = 64;

/** In place. Few names, often in order already, are sorted without the copies that the general way makes. */
function sortNames(names: string[]): string[] {
  if (names.length > FEW) return names.sort();
  for (let at = 1; at < names.length; at += 1) {
    const name = names[at] ?? '';
    let to = at;
    for (let before = names[to - 1]; before !== undefined && before > name; before = names[to - 1]) {
      names[to] = before;
      to -= 1;
    }
    names[to] = name;
  }
  return names;
}

/** SHA-256 over canonical JSON, lower-case hex (64 characters). */
export function hashContent(value: unknown): string {
  return hash('sha256', toCanonicalJson(value));
}

/**
 * Pin of an entry: hash of the full definition as its server sent it. Any change of name, title, description, schema or annotation gives
 * another pin, and a pin that is not approved is off.
 */
export function computePin(definition: unknown): string {
  return hashContent(definition);
}
