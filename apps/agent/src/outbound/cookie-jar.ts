import { isHeaderValue } from './header-value.ts';

interface Cookie {
  name: string;
  value: string;
  path: string;
  secure: boolean;
  /** milliseconds since the epoch; Infinity: as long as the jar */
  until: number;
}

/** as browsers keep of one host */
const MOST_COOKIES = 50;
const MOST_CHARACTERS = 4_096;

/**
 * The cookies of one origin (RFC 6265), for as long as a connection to it: load balancers know by them which server a session is at. A cookie for
 * a whole domain goes to the host that set it alone.
 */
export class CookieJar {
  readonly #readTime: () => number;
  readonly #cookies = new Map<string, Cookie>();

  /** `readTime`: milliseconds since the epoch */
  constructor(readTime: () => number = Date.now) {
    this.#readTime = readTime;
  }

  /** The `Cookie` header of a request, behind the cookies that it has already; null when there is none to add. */
  buildHeader(url: URL, own?: string): string | null {
    if (this.#cookies.size === 0) return null;
    const now = this.#readTime();
    const pairs: string[] = [];
    const taken = new Set(own?.split(';').map((pair) => readPair(pair)?.[0]));
    for (const [key, { name, value, path, secure, until }] of this.#cookies) {
      if (until <= now) this.#cookies.delete(key);
      else if (!taken.has(name) && isBelow(url.pathname, path) && (!secure || url.protocol === 'https:'))
        pairs.push(`${name}=${value}`);
    }
    if (pairs.length === 0) return null;
    return own === undefined ? pairs.join('; ') : [own, ...pairs].join('; ');
  }

  /** Takes the `Set-Cookie` headers of an answer. What is no cookie, too large or of another host is left out. */
  take(url: URL, headers: string | readonly string[]): void {
    for (const header of typeof headers === 'string' ? [headers] : headers) {
      const cookie = readCookie(url, header, this.#readTime());
      if (!cookie) continue;
      const key = `${cookie.name};${cookie.path}`;
      this.#cookies.delete(key);
      if (cookie.until > this.#readTime()) this.#cookies.set(key, cookie);
      const [oldest] = this.#cookies.keys();
      if (this.#cookies.size > MOST_COOKIES && oldest !== undefined) this.#cookies.delete(oldest);
    }
  }
}

function readCookie(url: URL, header: string, now: number): Cookie | null {
  if (header.length > MOST_CHARACTERS || !isHeaderValue(header)) return null;
  const [first = '', ...rest] = header.split(';');
  const pair = readPair(first);
  if (!pair || pair[0] === '') return null;
  const attributes = new Map<string, string>();
  for (const part of rest) {
    const [key, value] = readPair(part) ?? [part.trim(), ''];
    attributes.set(key.toLowerCase(), value);
  }
  const domain = attributes.get('domain')?.replace(/^\./, '').toLowerCase() ?? '';
  if (domain !== '' && url.hostname !== domain && !url.hostname.endsWith(`.${domain}`)) return null;
  const path = attributes.get('path') ?? '';
  return {
    name: pair[0],
    value: pair[1],
    path: path.startsWith('/') ? path : url.pathname.slice(0, Math.max(1, url.pathname.lastIndexOf('/'))),
    secure: attributes.has('secure'),
    until: readEnd(attributes, now),
  };
}

/** `Max-Age` counts before `Expires`; what is neither holds without an end. */
function readEnd(attributes: ReadonlyMap<string, string>, now: number): number {
  const age = attributes.get('max-age') ?? '';
  if (/^-?\d+$/.test(age)) return now + Number(age) * 1_000;
  const time = Date.parse(attributes.get('expires') ?? '');
  return Number.isNaN(time) ? Infinity : time;
}

/** Null without a `=`. */
function readPair(text: string): [name: string, value: string] | null {
  const at = text.indexOf('=');
  return at === -1 ? null : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

function isBelow(pathname: string, path: string): boolean {
  if (!pathname.startsWith(path)) return false;
  return path.endsWith('/') || pathname.length === path.length || pathname[path.length] === '/';
}
