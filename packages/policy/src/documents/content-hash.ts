import { hash } from 'node:crypto';

import { toCanonicalJson } from './canonical.ts';

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
