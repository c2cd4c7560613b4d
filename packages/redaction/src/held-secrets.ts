import { findByteLists } from './byte-lists.ts';
import { FormIndex } from './form-index.ts';
import { findLetterLists } from './letter-lists.ts';
import type { Span } from './span.ts';
import { countKnownLetters, listWrittenForms } from './written-forms.ts';

/** Secrets of fewer known letters are not looked for: they would match ordinary text. */
export const MIN_SECRET_LENGTH = 8;

/** Finds every held secret in every listed form. Time is linear in the text whatever the number of secrets. */
export function createSecretFinder(secrets: readonly string[]): (text: string) => Span[] {
  const held = new Set(secrets.map((secret) => secret.trim()).filter((secret) => countKnownLetters(secret) >= MIN_SECRET_LENGTH));
  if (held.size === 0) return () => [];
  const index = new FormIndex([...held].flatMap(listWrittenForms));
  const holds = (decoded: string) => index.find(decoded).length > 0;
  return (text) => {
    const found = index.find(text);
    const [bytes, letters] = [findByteLists(text, holds), findLetterLists(text, holds)];
    return bytes.length + letters.length === 0 ? found : [...found, ...bytes, ...letters];
  };
}
