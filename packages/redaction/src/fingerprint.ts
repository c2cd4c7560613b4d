import { createHmac, type KeyObject } from 'node:crypto';

import { isExactNumber, isPlainText } from './shape.ts';

/** Below this, numbers are too few to hide behind a hash: who can make calls can try them all. */
const SMALL_NUMBER = 1_000_000;
const SHORT_TEXT = 4;
const GUESSABLE_TEXT = /^(?:-?\d{1,6}|true|false|none|null|undefined|active|inactive|enabled|disabled|low|medium|high)$/i;

/**
 * Keyed fingerprint of a value at a path: HMAC-SHA-256 with the site's key, first 16 bytes, lower-case hex (32 characters). The same value
 * at the same path gives the same fingerprint; without the key it says nothing. The value must be one that JSON can hold. An exact number counts
 * with all of its digits. `isPlain`: JSON writes no character of the value in another way, which need not be found again.
 */
export function fingerprint(siteKey: KeyObject, path: string, value: unknown, isPlain = false): string {
  const hmac = createHmac('sha256', siteKey);
  // The path's length in front: no two pairs of path and value give the same bytes.
  const place = `${path.length}:${path}:`;
  // a long text is hashed where it is: written as JSON it would be copied twice
  if (typeof value === 'string' && value.length > LONG_TEXT && (isPlain || isPlainText(value)))
    hmac.update(`${place}"`).update(value).update('"');
  else hmac.update(place + (JSON.stringify(value) ?? 'null'));
  return hmac.digest('hex').slice(0, 32);
}

/** Characters from which on a copy costs more than a further step. */
const LONG_TEXT = 4_096;

/** True for values of which there are so few that a fingerprint would give them away: booleans, null, small numbers, very short text. */
export function isGuessable(value: unknown): boolean {
  if (typeof value === 'number') return Math.abs(value) < SMALL_NUMBER;
  if (typeof value === 'string') return value.length < SHORT_TEXT || GUESSABLE_TEXT.test(value);
  return !isExactNumber(value);
}
