import { createCharacterSet, DIGITS, LETTERS, skipBack, skipForward } from '../character-set.ts';
import type { Span } from '../span.ts';

/** Ends of names, lower case without separators, whose value is secret whatever it is. */
const ENDINGS = `
  password passwd passphrase passcode pwd passwort salasana kennwort contrasena motdepasse secret secretkey clientsecret
  secretvalue token tokenvalue jwt bearer sessionid sessionkey sessid apikey apitoken accesskey accesskeyid privatekey
  signingkey encryptionkey authkey accountkey sharedkey masterkey licensekey deploykey servicekey integrationkey consumerkey
  writekey appkey applicationkey userkey authorization proxyauthorization cookie credential credentials connectionstring
  webhookurl privatekeypem accesscode authcode verificationcode securitycode recoverycode backupcode onetimecode resetcode
  signature
`
  .trim()
  .split(/\s+/);
/** Names that are secret only as a whole word. */
const WHOLE = new Set('pass pin otp cvv cvc cvv2 auth sig mfa totp ssn pw psw dsn artapi apitoken'.split(' '));
const byTail = new Map<number, string[]>();
for (const name of [...ENDINGS, ...WHOLE])
  byTail.set(getTailKey(name, name.length), [...(byTail.get(getTailKey(name, name.length)) ?? []), name]);

/** The last two characters before an index, without case. */
function getTailKey(text: string, end: number): number {
  return (text.charCodeAt(end - 2) | 32) * 65_536 + (text.charCodeAt(end - 1) | 32);
}

const PASSWORD = /(?:password|passwd|passphrase|pwd|passcode|salasana|passwort|kennwort|pass|pw)$/;

function normalizeName(name: string): string {
  return name.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
}

/** True when a field of this name holds a secret: its value is dropped whatever it is. */
export function isSecretName(name: string): boolean {
  const plain = normalizeName(name);
  if (WHOLE.has(plain)) return true;
  const endings = byTail.get(getTailKey(plain, plain.length));
  if (!endings) return false;
  const lastWord = LAST_WORD.exec(name)?.[1]?.toLowerCase() ?? plain;
  return WHOLE.has(lastWord) || endings.some((ending) => !WHOLE.has(ending) && plain.endsWith(ending));
}

const LAST_WORD = /(?:^|[^A-Za-z0-9]|[a-z0-9](?=[A-Z]))([A-Z]?[a-z0-9]+|[A-Z0-9]+)$/;
const NAME = createCharacterSet(`${LETTERS}${DIGITS}_.-[]`);
const AROUND_NAME = createCharacterSet(` "'\\\`]`);
const MAX_NAME = 60;
const MAX_AROUND = 5;
const MAX_VALUE = 8_192;
const NAME_BEGINNING = /(?:api|access|private|secret|auth|client|account|signing|encryption|license|session) $/i;

/** The secret's name that ends just before a delimiter, through quotes and a blank; null when there is none. */
function findSecretNameBefore(text: string, delimiter: number): string | null {
  const end = skipBack(AROUND_NAME, text, delimiter, MAX_AROUND);
  if (!byTail.has(getTailKey(text, end))) return null;
  const start = skipBack(NAME, text, end, MAX_NAME);
  const before =
    text.charCodeAt(start - 1) === 32 ? NAME_BEGINNING.exec(text.slice(Math.max(0, start - 12), start))?.[0] : undefined;
  const name = (before ?? '') + text.slice(start, end);
  return isSecretName(name) ? name : null;
}

/** A value that is already gone, its scheme kept. */
const REMOVED = /^(?:[\w-]+ )?\[redacted:[a-z-]+\]?$/;
const PLACEHOLDER =
  /^(?:[$%<{]|true\b|false\b|null\b|none\b|undefined\b|process\.env|os\.environ|\*+$|x{3,}$|\.{3}|string\b|required\b|optional\b)/i;
const SCHEME = /^(?:bearer|basic|token|digest|apikey|api-key|api-token|negotiate|aws4-hmac-sha256|key)\s+/i;

const BEFORE_VALUE = createCharacterSet(' \t=>:');
const OPENING = /\\{0,3}["'`]/y;
const UNQUOTED = /[^\s"'`,;&<>)}\]]*/y;
const QUOTED: Record<string, RegExp> = {
  '"': /(?:[^"\\\n]|\\[^\n])*/y,
  "'": /(?:[^'\\\n]|\\[^\n])*/y,
  '`': /(?:[^`\\]|\\[^\n])*/y,
};

function matchAt(pattern: RegExp, text: string, index: number): string {
  pattern.lastIndex = index;
  return pattern.exec(text)?.[0] ?? '';
}

/** Where an unquoted value ends: in the same place for every start inside it, so it is read once. */
function createEndFinder(text: string): (index: number) => number {
  let [from, end] = [0, 0];
  return (index) => {
    if (index < from || index >= end) [from, end] = [index, index + matchAt(UNQUOTED, text, index).length];
    return end;
  };
}

/** Where the value after a delimiter starts and ends. */
function locateValue(
  text: string,
  from: number,
  findEnd: (index: number) => number,
): { start: number; end: number; quoted: boolean } {
  const first = skipForward(BEFORE_VALUE, text, from, from + 4);
  const opening = matchAt(OPENING, text, first);
  const start = first + opening.length;
  const limit = Math.min(text.length, start + MAX_VALUE);
  if (!opening) {
    const scheme = SCHEME.exec(text.slice(start, start + 24))?.[0] ?? '';
    return { start, end: Math.min(findEnd(start + scheme.length), limit), quoted: false };
  }
  const plain = QUOTED[opening];
  const closing = plain ? start + matchAt(plain, text, start).length : text.indexOf(opening, start);
  return { start, end: closing < 0 ? limit : Math.min(closing, limit), quoted: true };
}

function findValueSpan(
  text: string,
  name: string,
  { start, end, quoted }: ReturnType<typeof locateValue>,
  prose: boolean,
): Span | null {
  const value = text.slice(start, end);
  if (value.length < 3 || REMOVED.test(value) || PLACEHOLDER.test(value)) return null;
  // "token: the string that …" is a sentence, not a value.
  if (prose && !quoted && !PASSWORD.test(normalizeName(name)) && /^[A-Za-z]{1,14}[.:]?$/.test(value)) return null;
  return { start, end, rule: 'key-name' };
}

const FLAG = /(?<![\w-])--?([a-z][\w-]{1,30}) +(?=\S)/gi;
const LOGIN_FLAG = /(?<![\w-])(?:-u|--user|--proxy-user|-U) *=? *(?=\S{0,256}:)/g;
const SCHEME_VALUE = /(?<![\w-])(?:bearer|basic|token) +([\w\-.~+/=|]{8,})/gi;

/** Values of fields with a secret's name: `name=value`, `"name": "value"`, `<name>value<`, `--name value`, `Authorization: Bearer value`. */
export function findNamedSecrets(text: string): Span[] {
  const spans: Span[] = [];
  const findEnd = createEndFinder(text);
  for (const delimiter of ['=', ':', '>']) {
    for (let index = text.indexOf(delimiter); index >= 0; index = text.indexOf(delimiter, index + 1)) {
      const name = findSecretNameBefore(text, index);
      if (!name || (delimiter === '>' && text.charAt(index - name.length - 1) !== '<')) continue;
      const span = findValueSpan(
        text,
        name,
        locateValue(text, index + 1, findEnd),
        delimiter === ':' && text.charAt(index + 1) === ' ',
      );
      if (span) spans.push(span);
    }
  }
  return [...spans, ...(text.includes('-') ? findFlagValues(text) : []), ...findSchemeValues(text)];
}

function findFlagValues(text: string): Span[] {
  const findEnd = createEndFinder(text);
  const flags = [...text.matchAll(FLAG)].filter((match) => isSecretName(match[1] ?? ''));
  return [...flags, ...text.matchAll(LOGIN_FLAG)].flatMap((match) => {
    return findValueSpan(text, 'password', locateValue(text, match.index + match[0].length, findEnd), false) ?? [];
  });
}

function findSchemeValues(text: string): Span[] {
  return [...text.matchAll(SCHEME_VALUE)].flatMap(({ 0: all, 1: value = '', index }) => {
    const end = index + all.length;
    // "basic understanding" is a sentence.
    return /\d|[a-z][A-Z]|=$/.test(value) ? [{ start: end - value.length, end, rule: 'token' as const }] : [];
  });
}
