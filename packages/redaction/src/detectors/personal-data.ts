import { isIPv4, isIPv6 } from 'node:net';

import { createCharacterSet, DIGITS, isIn, LETTERS, skipBack, skipForward } from '../character-set.ts';
import type { Span } from '../span.ts';
import { findIbanLength, isPossibleSsn, passesFinnishId, passesIban, passesLuhn } from './checksums.ts';

const DIGIT = createCharacterSet(DIGITS);
const WORD = createCharacterSet(`${LETTERS}${DIGITS}_`);
const LOCAL_PART = /[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]/u;
const DOMAIN = /(?:[\p{L}\p{N}][\p{L}\p{N}-]{0,62}\.){1,8}[\p{L}][\p{L}\p{N}-]{0,61}[\p{L}\p{N}]/uy;
const MAX_LOCAL_PART = 64;

/** Addresses, found from their `@`. */
export function findEmails(text: string): Span[] {
  const spans: Span[] = [];
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    let start = at;
    while (start > 0 && at - start < MAX_LOCAL_PART && LOCAL_PART.test(text.charAt(start - 1))) start -= 1;
    while (start < at && /[./'=]/.test(text.charAt(start))) start += 1;
    DOMAIN.lastIndex = at + 1;
    const domain = start < at ? DOMAIN.exec(text) : null;
    if (domain) spans.push({ start, end: at + 1 + domain[0].length, rule: 'email' });
  }
  return spans;
}

const HEX = createCharacterSet('0123456789ABCDEFabcdef');
const ADDRESS = createCharacterSet('0123456789ABCDEFabcdef:.');
const MAX_ADDRESS = 46;
const MAC = /^[0-9A-F]{2}(?::[0-9A-F]{2}){5}$/i;

/** IPv6 and hardware addresses, found from a colon between hexadecimal digits. */
export function findColonAddresses(text: string): Span[] {
  const spans: Span[] = [];
  for (let colon = text.indexOf(':'); colon >= 0; colon = text.indexOf(':', colon + 1)) {
    if (text.charAt(colon + 1) !== ':' && !(isIn(HEX, text, colon + 1) && isIn(HEX, text, colon - 1))) continue;
    const start = skipBack(ADDRESS, text, colon, MAX_ADDRESS);
    let end = skipForward(ADDRESS, text, colon, colon + MAX_ADDRESS);
    while (text.charAt(end - 1) === '.') end -= 1;
    const address = text.slice(start, end);
    colon = end - 1;
    if (isIn(WORD, text, start - 1) || isIn(WORD, text, end) || !/\d/.test(address)) continue;
    if (isIPv6(address)) spans.push({ start, end, rule: 'ip' });
    else if (MAC.test(address)) spans.push({ start, end, rule: 'mac' });
  }
  return spans;
}

const LETTERED =
  /\b(?:(?<iban>[A-Z]{2}\d{2}(?: ?[A-Za-z0-9]){11,30})|(?<nino>[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D])(?![A-Za-z0-9])|(?<finnish>[0-3]\d[01]\d{3}[-+A-FU-Y]\d{3}[0-9A-Y])(?![A-Za-z0-9])|(?<mac>[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4})(?![\w-]))/g;

/** Bank accounts, identity codes and hardware addresses that mix letters and digits. */
export function findLetteredNumbers(text: string): Span[] {
  const spans: Span[] = [];
  LETTERED.lastIndex = 0;
  for (let match = LETTERED.exec(text); match; match = LETTERED.exec(text)) {
    const { index: start, groups: { iban, finnish, mac } = {} } = match;
    const end = iban ? start + (findIbanEnd(iban) ?? 0) : start + match[0].length;
    const rule = iban ? 'iban' : mac ? 'mac' : 'national-id';
    if (end > start && (!finnish || passesFinnishId(finnish))) spans.push({ start, end, rule });
    // The pattern runs on into what follows an account number, which may be another one.
    LETTERED.lastIndex = Math.max(end, start + 4);
  }
  return spans;
}

/** How much of the match is an IBAN; words may follow it. */
function findIbanEnd(text: string): number | null {
  const length = findIbanLength(text) ?? 0;
  let [compact, end] = ['', 0];
  while (end < text.length && compact.length < length) compact += text.charAt(end++).trim();
  return length && compact.length === length && passesIban(compact.toUpperCase()) ? end : null;
}

/** Digits with what separates them in numbers; a stretch is then looked at closely. */
const STRETCH = /[+(]?\d[\d ().\-/]{5,}/g;
const IPV4 = /(?<![\w.])(\d{1,3}(?:\.\d{1,3}){3})(?:\/\d{1,2})?(?!\w|\.\d)/g;
const SSN = /(?<![\w-])(\d{3})([- .]?)(\d{2})([- .]?)(\d{4})(?![\w-])/g;
const PHONE =
  /(?<![\w+])(?:\+\d{1,15}(?:(?!\d)\)?[ .\-/]{0,2}\(?\d{1,15}){0,7}\)?|(?:\d{1,3}[-. ])?\(\d{2,5}\) ?\d{2,4}(?:[-. ]?\d{2,5}){1,3}|(?:\d{1,3}[-. ])?\d{3}([-. ])\d{3}\1\d{4}|0\d{0,4}(?:[- /]\(?\d{2,7}\)?){1,5}|\d{3}([-. ])\d{3}\2\d\d\2\d\d|\d{7,15})(?!\w|[-.]\d)/g;
const GROUPED = /^(?:(?:\d{1,3}[-. ])?\d{3}([-. ])\d{3}\1\d{4}|\d{3}([-. ])\d{3}\2\d\d\2\d\d|0\d{9,10})$/;
const MAX_PHONE = 15;
const DATE = /^(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4})(?!\d)/;
const PHONE_WORD =
  /(?:phone|mobile|cell|telefon|tel|fax|call|sms|whatsapp|puhelin|puh|gsm|(?<!(?:order|invoice|ticket|case|tracking|account|serial|model|customer|part|reference|item|id) )number)\b\W{0,4}(?:\w+\W{1,3}){0,2}$/i;
const SSN_WORD = /(?:ssn|social security)\b\W{0,4}(?:\w+\W{1,3}){0,3}$/i;
const CONTEXT = 40;

/** Cards, phone numbers, social security numbers and IPv4 addresses. */
export function findNumbers(text: string): Span[] {
  const spans: Span[] = [];
  for (const { 0: stretch, index } of text.matchAll(STRETCH)) {
    // One neighbour on each side, so that the patterns see whether the number ends there.
    const from = Math.max(0, index - 1);
    const near = text.slice(from, index + stretch.length + 1);
    const context = text.slice(Math.max(0, index - CONTEXT), index);
    const add = (rule: Span['rule'], start: number, length: number) => {
      const span = { start: from + start, end: from + start + length, rule };
      if (!isInUuid(text, span)) spans.push(span);
    };
    for (const match of near.matchAll(IPV4)) if (isIPv4(match[1] ?? '')) add('ip', match.index, match[0].length);
    for (const card of findCards(near)) add('card', card.start, card.end - card.start);
    for (const match of near.matchAll(SSN)) if (isSsn(match, context)) add('national-id', match.index, match[0].length);
    for (const phone of findPhones(near, context)) add('phone', phone.start, phone.length);
  }
  return spans;
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;
const UUID_LENGTH = 36;

function isInUuid(text: string, { start, end }: Span): boolean {
  return end - start <= UUID_LENGTH && UUID.test(text.slice(Math.max(0, end - UUID_LENGTH), start + UUID_LENGTH));
}

function isSsn([, area = '', first = '', group = '', second = '', serial = '']: RegExpExecArray, context: string): boolean {
  if (!isPossibleSsn(area + group + serial)) return false;
  return first !== '' && first === second ? true : (first === '' || second === '') && SSN_WORD.test(context);
}

/** A match may run into the next number: then it is what is left after taking groups off the end. */
function findPhones(text: string, context: string): Array<{ start: number; length: number }> {
  const found: Array<{ start: number; length: number }> = [];
  PHONE.lastIndex = 0;
  for (let match = PHONE.exec(text); match; match = PHONE.exec(text)) {
    let phone = match[0].trimEnd();
    while (phone.replace(/\D/g, '').length > MAX_PHONE && /\d[ .\-/(]+\d+\)?$/.test(phone))
      phone = phone.replace(/[ .\-/(]+\d+\)?$/, '');
    if (isPhone(phone, context)) found.push({ start: match.index, length: phone.length });
    PHONE.lastIndex = match.index + phone.length;
  }
  return found;
}

function isPhone(text: string, context: string): boolean {
  const digits = text.replace(/\D/g, '').length;
  if (digits < 7 || digits > MAX_PHONE || DATE.test(text) || isIPv4(text)) return false;
  if (text.startsWith('+')) return digits >= 8;
  if (text.includes('(') || GROUPED.test(text)) return digits >= 9;
  const separated = (text.match(/[-. /]+/g) ?? []).length;
  return (text.startsWith('0') && separated >= 2 && digits >= 9) || PHONE_WORD.test(context);
}

const MAX_CARD = 19;
/** Lengths by first digit, asked before the slower tests. */
const CARD_LENGTHS: Record<string, readonly number[]> = {
  1: [15],
  2: [16],
  3: [14, 15, 16],
  4: [13, 16, 19],
  5: [16],
  6: [12, 13, 14, 15, 16, 17, 18, 19],
};
const ISSUER = /^(?:4\d{12}(?:\d{3}){0,2}|[25]\d{15}|6\d{11,18}|3[47]\d{13}|3[0689]\d{12}|35\d{14}|1\d{14})$/;

/** Runs of digits, whole or in groups of two or more with one kind of separator, that have an issuer's prefix and pass Luhn. */
function findCards(text: string): Array<{ start: number; end: number }> {
  const found: Array<{ start: number; end: number }> = [];
  for (let index = 0; index < text.length; index += 1) {
    if (!isIn(DIGIT, text, index)) continue;
    const end = isIn(WORD, text, index - 1) ? null : findCardEnd(text, index);
    if (end !== null) found.push({ start: index, end });
    index = end ?? skipForward(DIGIT, text, index, text.length);
  }
  return found;
}

/** End of the longest card number that starts here. */
function findCardEnd(text: string, start: number): number | null {
  const lengths = CARD_LENGTHS[text.charAt(start)];
  if (!lengths) return null;
  let [digits, position, separator, best] = ['', start, '', null as number | null];
  for (;;) {
    const end = skipForward(DIGIT, text, position, position + MAX_CARD + 1);
    if (digits && end - position < 2) return best;
    digits += text.slice(position, end);
    if (digits.length > MAX_CARD) return best;
    if (lengths.includes(digits.length) && !isIn(WORD, text, end) && ISSUER.test(digits) && passesLuhn(digits)) best = end;
    const between = text.charAt(end);
    if ((between !== ' ' && between !== '-') || (separator && separator !== between)) return best;
    separator = between;
    position = end + 1;
  }
}
