import { domainToASCII, domainToUnicode } from 'node:url';

import { z } from 'zod';

import { isReadAsWritten } from '../name.ts';

/** RFC 5321: octets before the @, of a part of a domain, and of the whole without its angle brackets. */
const MOST = { local: 64, label: 63, address: 254 };

const ATOM = "[a-z0-9_'+-]+";
const LABEL = `[a-z0-9](?:[a-z0-9-]{0,${MOST.label - 2}}[a-z0-9])?`;
/** Below it stand letters alone, or letters of another script as the DNS has them. */
const LAST_LABEL = `(?:[a-z]{2,${MOST.label}}|xn--[a-z0-9-]{0,${MOST.label - 5}}[a-z0-9])`;
const ADDRESS = new RegExp(`^${ATOM}(?:\\.${ATOM})*@(?:${LABEL}\\.)+${LAST_LABEL}$`);

/**
 * An e-mail address in the one form that is stored, compared and shown: trimmed, lower case, its domain as the DNS has it and without the dot of
 * the root, however it was typed. A look-alike in another script is seen as `xn--`. Dots and `+` of the local part stay: only the provider knows
 * whether they mean another mailbox.
 */
export const Email = z
  .string()
  .trim()
  .transform(toStored)
  .pipe(
    z
      .string()
      .max(MOST.address)
      .refine((address) => address.indexOf('@') <= MOST.local, `must have at most ${MOST.local} characters before the @`)
      .regex(ADDRESS, 'Use an address such as ada@acme.example, in plain letters before the @.'),
  );

/** An address that somebody is to be invited by. What was invited before there was this rule goes on signing in. */
export const NewEmail = Email.refine(
  (address) => isPlainDomain(domainToUnicode(address.slice(address.indexOf('@') + 1))),
  'The domain holds characters that are not seen, or letters of two scripts that look alike. Type it anew.',
);

function toStored(text: string): string {
  const at = text.lastIndexOf('@');
  if (at === -1) return text;
  // not of letters that only become plain ones: whoever typed them meant another address
  const local = text.slice(0, at).replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
  const domain = text
    .slice(at + 1)
    .replaceAll(/[\u3002\uFF0E\uFF61]/g, '.')
    .replace(/\.$/, '');
  return `${local}@${/^[\p{L}\p{M}\p{N}.-]+$/u.test(domain) ? domainToASCII(domain) : domain}`;
}

/** Of letters and digits, each part read as it is written. What the DNS has and no letters come of is no domain that anybody types. */
function isPlainDomain(domain: string): boolean {
  return domain.split('.').every((label) => /^(?!xn--)[\p{L}\p{M}\p{N}-]+$/u.test(label) && isReadAsWritten(label));
}
