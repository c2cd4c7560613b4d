import { findPrivateKeys, findUrlCredentials } from './detectors/blocks.ts';
import { isSecretName } from './detectors/key-names.ts';
import { findEmails, findLetteredNumbers, findNumbers } from './detectors/personal-data.ts';
import { isRandom } from './detectors/randomness.ts';
import { findTokens } from './detectors/tokens.ts';
import { findInPlain } from './plain-reading.ts';
import { escapeKey } from './shape.ts';
import type { Rule, Span } from './span.ts';

const SECRETS = ['private-key', 'url-credentials', 'token', 'key-name'] as const satisfies readonly Rule[];
const PERSONAL = ['email', 'phone', 'card', 'iban', 'national-id'] as const satisfies readonly Rule[];
type PrivateRule = (typeof SECRETS | typeof PERSONAL)[number];

/** A place of a definition where a secret or a person's data seems to stand. Never the text itself. */
export interface PrivatePassage {
  /** JSON Pointer of the text; of a key, where the key stands */
  pointer: string;
  rule: PrivateRule;
  /** a secret: the definition does not leave the site */
  isSecret: boolean;
}

/** What holds a value in a JSON Schema; the name before it is that of the field. */
const VALUES = new Set(['default', 'const', 'enum', 'example', 'examples']);

/**
 * Secrets and personal data in a definition of a server: texts that a person wrote to be read, often with examples in them. So only what is hardly
 * ever an example counts, unlike where values are redacted and too much does no harm.
 */
export function listPrivatePassages(definition: unknown): PrivatePassage[] {
  return Array.from(walkTexts(definition, { pointer: '', name: '' }, null)).flatMap(({ text, pointer, field }) => {
    const rules = new Set(findRules(text));
    if (field !== null && isSecretName(field) && isRandom(text)) rules.add('key-name');
    return Array.from(rules, (rule) => ({ pointer, rule, isSecret: SECRETS.some((secret) => secret === rule) }));
  });
}

interface TextAt {
  text: string;
  pointer: string;
  /** whose value it is, where it is one */
  field: string | null;
}

function* walkTexts(value: unknown, place: { pointer: string; name: string }, field: string | null): Generator<TextAt> {
  if (typeof value === 'string') yield { text: value, pointer: place.pointer, field };
  if (typeof value !== 'object' || value === null) return;
  const isList = Array.isArray(value);
  for (const [key, item] of Object.entries(value)) {
    const pointer = `${place.pointer}/${escapeKey(key)}`;
    if (!isList) yield { text: key, pointer, field: null };
    const named = VALUES.has(key) ? place.name : null;
    yield* walkTexts(item, { pointer, name: isList ? place.name : key }, field === null || isList ? (field ?? named) : key);
  }
}

function findRules(text: string): PrivateRule[] {
  const rules = new Set(findInPlain(text, findMeant).map(({ rule }) => rule));
  return RULES.filter((rule) => rules.has(rule));
}

function findMeant(text: string): Span[] {
  const spans = [
    ...findPrivateKeys(text),
    ...findUrlCredentials(text),
    ...findTokens(text),
    ...findEmails(text),
    ...findLetteredNumbers(text),
    ...findNumbers(text),
  ];
  return spans.filter((span) => isMeant(text, span));
}

const RULES: readonly PrivateRule[] = [...SECRETS, ...PERSONAL];

/** Whether what was found is somebody's, not an example of its kind. */
function isMeant(text: string, { start, end, rule }: Span): boolean {
  const found = text.slice(start, end);
  if (rule === 'private-key') return found.length > SHORTEST_KEY && !found.includes('...');
  if (SAMPLE.test(found)) return false;
  switch (rule) {
    case 'token':
      return isRandom(found) || MIXED.test(found.slice(-MIXED_LENGTH));
    case 'url-credentials':
      return !PLACEHOLDER_LOGIN.test(found) && !SAMPLE_DOMAIN.test(readHost(text, end + 1));
    case 'email':
      return !isSampleAddress(found);
    case 'phone':
      return found.startsWith('+') || PHONE_BEFORE.test(text.slice(Math.max(0, start - 20), start));
    default:
      return true;
  }
}

/** Behind its prefix letters of both cases and digits without a word's end, as names do not have them. */
const MIXED = /(?=(?:[A-Za-z]*\d){4})(?=\w*[a-z])(?=\w*[A-Z])[A-Za-z\d]{20,}$/;
const MIXED_LENGTH = 64;

/** Written out to show a form: words, runs of one character, digits or letters in their order, numbers that are published as examples. */
const SAMPLE = new RegExp(
  [
    'example|sample|dummy|placeholder|redacted|your[-_ ]|changeme|\\.\\.\\.|…',
    '([a-z0-9])\\1{4}|1234567|2345678|abcdefg|01234',
    // https://docs.stripe.com/testing, https://en.wikipedia.org/wiki/International_Bank_Account_Number
    '(?:4242[ -]?){4}|4111[ -]?(?:1111[ -]?){3}|5555[ -]?5555[ -]?5555[ -]?4444|3782[ -]?822463[ -]?10005|4012[ -]?8888[ -]?8888[ -]?1881',
    'DE89 ?3704|GB(?:29|33|82) ?(?:NWBK|WEST|BUKB)|FR14 ?2004|NL91 ?ABNA|FI21 ?1234',
    // numbers of nobody: the Finnish specimen, the American leaflet, North America's for films
    '131052-308T|078[- ]05[- ]1120|\\b555[- .)]|[- .(]555\\b',
  ].join('|'),
  'i',
);
const PLACEHOLDER_LOGIN = /^[^:@]*(?::(?:pass(?:word|wd)?|pw|pwd|secret|token|[*x.]+|[<{[$%].*)?)?@?$/i;
const PHONE_BEFORE = /(?:phone|mobile|telefon|tel|fax|call|puhelin|puh|gsm)\W{1,4}$/i;
/** With the lines around it: what is shorter holds no key. */
const SHORTEST_KEY = 200;

/** RFC 2606 and RFC 6761, and the domains that everybody writes who means none. */
const SAMPLE_DOMAIN =
  /(?:^|\.)(?:(?:example|test|invalid|localhost)|(?:example|your-?(?:company|domain|org)|my-?(?:company|domain)|company|domain|email|mail|foo|bar)\.(?:com|org|net|io))$/i;
/** Nobody's in particular: whoever reads is meant, or an office, or a machine. */
const SAMPLE_USER =
  /^(?:user(?:name|\d*)?|your[._-]?(?:name|email)|you|me|name|e?mail|someone|somebody|foo|bar|test|first(?:name)?[._]last(?:name)?|(?:john|jane)[._]?(?:doe|smith)?|alice|bob|git|no-?reply|support|info|help|sales|contact|admin|security)$/i;

/** The host that a login in an address is for. */
function readHost(text: string, start: number): string {
  return /^[\w.-]*/.exec(text.slice(start, start + MAX_HOST))?.[0] ?? '';
}

const MAX_HOST = 253;

function isSampleAddress(address: string): boolean {
  const at = address.lastIndexOf('@');
  return SAMPLE_USER.test(address.slice(0, at)) || SAMPLE_DOMAIN.test(address.slice(at + 1));
}
