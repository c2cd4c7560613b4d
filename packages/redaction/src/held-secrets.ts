import { findByteLists } from './byte-lists.ts';
import { FormIndex } from './form-index.ts';
import { findLetterLists } from './letter-lists.ts';
import type { Span } from './span.ts';
import { countKnownLetters, listWrittenForms } from './written-forms.ts';

/** Secrets of fewer known letters are not looked for: they would match ordinary text. */
export const MIN_SECRET_LENGTH = 8;

/**
 * Finds the secrets in a text. `ascii`: the same text as bytes, where it is known to be ASCII without control characters, as JSON writes it; with them a long text is
 * looked through several times as fast.
 */
export type SecretFinder = (text: string, ascii?: Buffer | null) => Span[];

/** Finds every held secret in every listed form. Time is linear in the text whatever the number of secrets. */
export function createSecretFinder(secrets: readonly string[]): SecretFinder {
  const held = new Set(secrets.map((secret) => secret.trim()).filter((secret) => countKnownLetters(secret) >= MIN_SECRET_LENGTH));
  if (held.size === 0) return () => [];
  const index = new FormIndex([...held].flatMap(listWrittenForms));
  const holds = (decoded: string) => index.find(decoded).length > 0;
  return (text, ascii = null) => {
    const found = index.find(text, ascii);
    const [bytes, letters] = [findByteLists(text, holds, ascii), findLetterLists(text, holds, ascii)];
    return bytes.length + letters.length === 0 ? found : [...found, ...bytes, ...letters];
  };
}
