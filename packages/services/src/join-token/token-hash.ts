import { createHash } from 'node:crypto';

/** What is stored and presented instead of the secret: SHA-256 hex over its text. */
export function joinTokenHash(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('hex');
}
