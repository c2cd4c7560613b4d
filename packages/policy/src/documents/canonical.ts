import { hash } from 'node:crypto';

import canonicalize from 'canonicalize';

import type { EntryDefinition } from './catalogue-entry.ts';

/** RFC 8785 canonical JSON of a JSON value. Throws on values that JSON cannot hold. */
export function toCanonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('Not a JSON value');
  return text;
}

/** SHA-256 over canonical JSON, lower-case hex (64 characters). */
export function hashContent(value: unknown): string {
  return hash('sha256', toCanonicalJson(value));
}

/**
 * Pin of an entry: hash of the full definition as its server sent it. Any change of name, title, description, schema or annotation gives
 * another pin, and a pin that is not approved is off.
 */
export function computePin(definition: EntryDefinition): string {
  return hashContent(definition);
}
