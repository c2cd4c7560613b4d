import { readProxyVariables } from '@gatehouse/network/no-proxy';
import { isJsonObject } from '@gatehouse/policy/documents/json';
import { MIN_SECRET_LENGTH } from '@gatehouse/redaction/held-secrets';
import { countKnownLetters } from '@gatehouse/redaction/written-forms';

/** What has to be taken out of texts, and one line for each that is too short for that. */
export interface VariableSecrets {
  values: string[];
  problems: string[];
}

/** The names of the variables that an entry hands on. */
interface Handed {
  env: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const HARMLESS_NAME =
  /^(?:PATH|HOME|PWD|OLDPWD|LANG|LANGUAGE|LC_\w+|TZ|USER|LOGNAME|USERNAME|SHELL|TERM|COLORTERM|TMPDIR|TEMP|TMP|HOSTNAME|XDG_\w+|NO_PROXY|DEBUG|MAX_\w+|(?:\w+_)?(?:LOG_LEVEL|ENV|HOST|PORT|REGION|ZONE|TIMEOUT|LIMIT|VERSION))$/i;
const SECRET_NAME =
  /KEYS?(?![A-Z])|TOKEN|SECRET|PASS|CREDENTIAL|AUTH(?!ORS?(?:_|$))|DSN|COOKIE|BEARER|SIGNATURE|PWD|SESS(?:ION)?(?:_?ID)?$|(?:^|[^A-Z])(?:PAT|PW|PIN|SID|SIG|JWT)(?![A-Z])/i;

const ADDRESS = /^[a-z][\w+.:-]*:\/\//i;
const HEADER = /\b(?:Bearer|Basic|Token)\s+(\S+)/gi;
const PAIR = /([\w.-]+)\s*=\s*("[^"]*"|'[^']*'|[^;&#\s]+)/g;
/** Words as people write them, also in one as in `camelCase`; a few digits may follow. */
const WORDS = /^(?:(?:\p{Lu}?\p{Ll}{2,})+|\p{Ll}|\p{Lu}{1,12}|(?=\d))\d{0,2}$/u;
const NUMBER = /^\d{1,7}$/;
const PATH_OR_HOST = /^(?:(?:~|\.{1,2}|[a-z]:)?[/\\]|(?:[\w-]+\.)+[\w-]+(?::\d+)?(?:$|[,/])|localhost\b)/i;
const MOST_WORD_CHARACTERS = 20;

/** Everything secret in the variables that stdio entries hand on and in that of the proxy: to be taken out wherever it turns up. */
export function findVariableSecrets(entries: ReadonlyMap<string, Handed>, environment: Environment): VariableSecrets {
  const { proxy } = readProxyVariables(environment);
  const names = new Set([...entries.values()].flatMap(({ env }) => env));
  const variables = [...Array.from(names, (name) => [name, environment[name]] as const), ['HTTPS_PROXY', proxy] as const];
  const found = variables.map(([name, value]) => ({ name, secrets: value ? listSecrets(name, value.trim()) : [] }));
  const isShort = (secret: string) => countKnownLetters(secret) < MIN_SECRET_LENGTH;
  return {
    values: [...new Set(found.flatMap(({ secrets }) => secrets))].filter((secret) => !isShort(secret)),
    problems: found.filter(({ secrets }) => secrets.some(isShort)).map(({ name }) => describeShort(name)),
  };
}

function describeShort(name: string): string {
  return `The variable ${name} holds a secret that is shorter than ${MIN_SECRET_LENGTH} characters: it could not be told from ordinary text and taken out of answers. Use a longer one.`;
}

/** The value, unless it plainly is no secret, and the secrets that stand in it. Of an address its secret parts alone, since its host is said in messages. */
function listSecrets(name: string, value: string): string[] {
  if (value === '' || (HARMLESS_NAME.test(name) && !ADDRESS.test(value))) return [];
  const json = readJson(value);
  if (json !== null) return [value, ...listJsonSecrets(name, json)];
  const parts = [...listUserInfo(value), ...listPairs(value), ...Array.from(value.matchAll(HEADER), ([, text = '']) => text)];
  if (ADDRESS.test(value)) return [...parts, ...listSegments(value)];
  if (SECRET_NAME.test(name) && !isNoSecret(value)) return [value, ...parts];
  return isPlain(value) || value.length < MIN_SECRET_LENGTH ? parts : [value, ...parts];
}

/** User and password before the host. A password may hold what ends the host in an address that is written well: both readings count. */
function listUserInfo(value: string): string[] {
  const text = value.replace(ADDRESS, '');
  const readings = [/^([^/?#]*)@/, /^([^/?#]*:.*)@/s].flatMap((reading) => reading.exec(text)?.[1] ?? []);
  return [...new Set(readings)].flatMap((info) => {
    const colon = info.indexOf(':');
    if (colon === -1) return ADDRESS.test(value) && !isPlain(info) ? [info] : [];
    const [user, password] = [info.slice(0, colon), info.slice(colon + 1)];
    if (password === '') return isPlain(user) ? [] : [user];
    return isPlain(user) || user.length < MIN_SECRET_LENGTH ? [password] : [user, password];
  });
}

/** Secrets among `name=value`, as in a query, a cookie or a connection string; in some of those a comma ends the value. */
function listPairs(value: string): string[] {
  return Array.from(value.matchAll(PAIR)).flatMap(([, name = '', written = '']) => {
    const text = written.replace(/^(["'])(.*)\1$/s, '$2');
    return [...new Set([text, ...text.split(',', 1)])].flatMap((part) => listPairSecrets(name, part));
  });
}

function listPairSecrets(name: string, value: string): string[] {
  if (SECRET_NAME.test(name)) return [value];
  return isPlain(value) || value.length < MIN_SECRET_LENGTH || ADDRESS.test(value) ? [] : [value];
}

/** Parts of the path that nobody would choose as a name, as in the address of a webhook. */
function listSegments(value: string): string[] {
  const [, ...segments] = value.replace(ADDRESS, '').split(/[?#]/, 1)[0]?.split('/') ?? [];
  return segments.filter((segment) => segment.length >= MIN_SECRET_LENGTH && !segment.includes('@') && !isPlain(segment));
}

function listJsonSecrets(name: string, json: unknown): string[] {
  if (typeof json === 'string') return listSecrets(name, json.trim());
  if (Array.isArray(json)) return json.flatMap((item) => listJsonSecrets(name, item));
  return isJsonObject(json) ? Object.entries(json).flatMap(([key, item]) => listJsonSecrets(key, item)) : [];
}

function readJson(value: string): unknown {
  if (!/^[[{]/.test(value)) return null;
  try {
    return JSON.parse(value);
  } catch {
    return null;
  }
}

/** No secret although the name says so: a switch, or the path of a file that holds it. */
function isNoSecret(value: string): boolean {
  return /^(?:true|false)$/i.test(value) || (/^(?:~|\.{1,2})?\//.test(value) && isPlain(value));
}

/** Numbers, a few words, a path or a host: taken out of every text they would spoil it. */
function isPlain(value: string): boolean {
  const pieces = value.split(/[\s,;:/\\@.=~_-]+/).filter((piece) => piece !== '');
  if (!pieces.every((piece) => WORDS.test(piece) || NUMBER.test(piece))) return false;
  return value.length <= MOST_WORD_CHARACTERS || PATH_OR_HOST.test(value);
}
