import { z } from 'zod';

export const MIN_CHARACTERS = 15;

/** A password that somebody chooses, as far as a browser can tell; the server knows what is easy to guess. */
export const NewPassword = z
  .string()
  .refine((text) => Array.from(text.normalize('NFC')).length >= MIN_CHARACTERS, `Use at least ${MIN_CHARACTERS} characters.`);
