import { z } from 'zod';

import { findHiddenText, HIDDEN_TEXT_RULES } from '@gatehouse/policy/findings/hidden-text';

/** What a definition may have once, and a name has no use for: soft hyphens and signs that turn the direction of reading. */
const UNSEEN = /[\u00AD\u061C\u200E\u200F\u2066-\u2069]/u;

/** A name says nothing that could be encoded: one without common English words is not unseen for that. */
const RULES = HIDDEN_TEXT_RULES.filter((rule) => rule !== 'encoded');

/** Nothing of it is unseen, and no word of it is in two scripts that look alike. */
export function isReadAsWritten(text: string): boolean {
  return !UNSEEN.test(text) && findHiddenText(text, RULES).length === 0;
}

/**
 * A name that people tell things and each other apart by: composed, with single spaces, and without anything that makes two names look like
 * one. A name in another script is a name; a word in two scripts that look alike is none.
 */
export function createNameSchema(maxLength: number) {
  return z
    .string()
    .transform((text) => text.normalize('NFC').replaceAll(/\s+/gu, ' ').trim())
    .pipe(
      z
        .string()
        .min(1)
        .max(maxLength)
        .refine((name) => /[\p{L}\p{N}]/u.test(name), 'Use a letter or a digit at least.')
        .refine(
          isReadAsWritten,
          'This holds characters that are not seen, or letters of two scripts that look alike. Type it anew.',
        ),
    );
}
