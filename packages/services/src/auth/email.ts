import { domainToASCII } from 'node:url';

import { z } from 'zod';

/**
 * An e-mail address in the form that is stored, compared and shown: trimmed, lower case, its domain as the DNS has it, so that a look-alike in
 * another script is seen as `xn--`. Dots and `+` of the local part stay: only the provider knows whether they mean another mailbox.
 */
export const Email = z
  .string()
  .trim()
  .transform((text) => text.replace(/(?<=@)[\p{L}\p{M}\p{N}.-]+$/u, domainToASCII).toLowerCase())
  .pipe(z.email('Use an address such as ada@acme.example, in plain letters before the @.').max(254));
