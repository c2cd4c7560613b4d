import { createCharacterSet, DIGITS, isIn, LETTERS, skipBack, skipForward } from '../character-set.ts';
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

/** A value that is already gone, its scheme kept. The bracket that closes it ends an unquoted value. */
const REMOVED = /(?:[\w-]{1,64} )?\[redacted:[a-z-]{1,32}\]?/y;
const PLACEHOLDER = /[$%<{]|(?:true|false|null|none|undefined|string|required|optional)\b|process\.env|os\.environ|\.{3}/iy;
/** A placeholder when nothing else is in the value. */
const FILLER = /\*+|x{3,}/iy;
const SCHEME = /^(?:bearer|basic|token|digest|apikey|api-key|api-token|negotiate|aws4-hmac-sha256|key)\s+/i;
const SCHEME_START = createCharacterSet('abdkntABDKNT');
const LONGEST_SCHEME = 24;

const BEFORE_VALUE = createCharacterSet(' \t=>:');
const QUOTES = createCharacterSet(`"'\``);
/** Before a quote within JSON within JSON. */
const MAX_BACKSLASHES = 3;
const [BACKSLASH, LINE_FEED, BACKTICK] = [92, 10, 96];
const UNQUOTED = /[^\s"'`,;&<>)}\]]*/y;
const NOT_BLANK = /\S*/y;

/** Where a run ends: in the same place for every start inside it, so it is read once. */
function createEndFinder(text: string, run: RegExp): (index: number) => number {
  let [from, end] = [0, 0];
  return (index) => {
    if (index < from || index >= end) {
      run.lastIndex = from = index;
      end = run.test(text) ? run.lastIndex : index;
    }
    return end;
  };
}

/** The quote at a place with the backslashes before it; empty when there is none. */
function readOpening(text: string, index: number): string {
  let quote = index;
  while (text.charCodeAt(quote) === BACKSLASH && quote - index < MAX_BACKSLASHES) quote += 1;
  return isIn(QUOTES, text, quote) ? text.slice(index, quote + 1) : '';
}

/** Where a quoted value ends that begins at a place: at the quote, or at the end of a line, except between backticks. */
function findClosing(text: string, start: number, limit: number, opening: string): number {
  if (opening.length > 1) {
    const closing = text.indexOf(opening, start);
    return closing < 0 ? limit : Math.min(closing, limit);
  }
  const quote = opening.charCodeAt(0);
  let index = start;
  while (index < limit) {
    const code = text.charCodeAt(index);
    const isEscape = code === BACKSLASH;
    if (code === quote || (code === LINE_FEED && quote !== BACKTICK)) break;
    if (isEscape && (index + 1 === text.length || text.charCodeAt(index + 1) === LINE_FEED)) break;
    index += isEscape ? 2 : 1;
  }
  return Math.min(index, limit);
}

interface Value {
  start: number;
  end: number;
  quoted: boolean;
}

/** Where the value after a delimiter starts and ends. */
function locateValue(text: string, from: number, findEnd: (index: number) => number): Value {
  const first = skipForward(BEFORE_VALUE, text, from, from + 4);
  const opening = readOpening(text, first);
  const start = first + opening.length;
  const limit = Math.min(text.length, start + MAX_VALUE);
  if (opening) return { start, end: findClosing(text, start, limit, opening), quoted: true };
  const scheme = isIn(SCHEME_START, text, start) ? (SCHEME.exec(text.slice(start, start + LONGEST_SCHEME))?.[0] ?? '') : '';
  return { start, end: Math.min(findEnd(start + scheme.length), limit), quoted: false };
}

function findValueSpan(text: string, name: string, { start, end, quoted }: Value, prose: boolean): Span | null {
  if (end - start < 3 || isPlaceholder(text, start, end)) return null;
  // "token: the string that …" is a sentence, not a value.
  if (prose && !quoted && end - start <= LONGEST_WORD && WORD.test(text.slice(start, end)) && !PASSWORD.test(normalizeName(name)))
    return null;
  return { start, end, rule: 'key-name' };
}

const LONGEST_WORD = 15;
const WORD = /^[A-Za-z]{1,14}[.:]?$/;

/** A value that says that there is none. Read where it stands: a copy of it for every name that is a part of it would be long. */
function isPlaceholder(text: string, start: number, end: number): boolean {
  const removed = findEndOf(REMOVED, text, start);
  return (
    removed === end ||
    (removed === end + 1 && text.charAt(end) === ']') ||
    findEndOf(PLACEHOLDER, text, start) > 0 ||
    findEndOf(FILLER, text, start) === end
  );
}

/** Where the pattern ends that begins at a place; -1 when it does not. */
function findEndOf(pattern: RegExp, text: string, index: number): number {
  pattern.lastIndex = index;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

const FLAG = /(?<![\w-])--?([a-z][\w-]{1,30}) +(?=\S)/gi;
const LOGIN_FLAG = /(?<![\w-])(?:-u|--user|--proxy-user|-U) *(?:= *)?/g;
const SCHEME_VALUE = /(?<![\w-])(?:bearer|basic|token) +([\w\-.~+/=|]{8,})/gi;
/** Of a login's name. */
const MAX_USER = 256;

/** Values of fields with a secret's name: `name=value`, `"name": "value"`, `<name>value<`, `--name value`, `Authorization: Bearer value`. */
export function findNamedSecrets(text: string): Span[] {
  const spans: Span[] = [];
  const findEnd = createEndFinder(text, UNQUOTED);
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
  const findEnd = createEndFinder(text, UNQUOTED);
  const flags = [...text.matchAll(FLAG)].filter((match) => isSecretName(match[1] ?? ''));
  const isLogin = createLoginTest(text);
  const logins = [...text.matchAll(LOGIN_FLAG)].filter(({ index, 0: flag }) => isLogin(index + flag.length));
  return [...flags, ...logins].flatMap((match) => {
    return findValueSpan(text, 'password', locateValue(text, match.index + match[0].length, findEnd), false) ?? [];
  });
}

/** Whether a colon comes soon and before a blank, as behind the name of a user. For places in ascending order. */
function createLoginTest(text: string): (index: number) => boolean {
  const findEnd = createEndFinder(text, NOT_BLANK);
  let colon = -1;
  return (index) => {
    if (colon < index) colon = text.indexOf(':', index);
    if (colon < 0) colon = text.length;
    return colon - index <= MAX_USER && colon < findEnd(index);
  };
}

function findSchemeValues(text: string): Span[] {
  return [...text.matchAll(SCHEME_VALUE)].flatMap(({ 0: all, 1: value = '', index }) => {
    const end = index + all.length;
    // "basic understanding" is a sentence.
    return /\d|[a-z][A-Z]|=$/.test(value) ? [{ start: end - value.length, end, rule: 'token' as const }] : [];
  });
}
