/** What a text names, or words that go on after the text's name, with what to write instead. They never repeat what may be a password. */
export type ReadOrigin = { origin: URL; problem: null } | { origin: null; problem: string };

/** Reads `https://host` or `https://host:port`; nothing else is an origin, because a longer address would promise a narrower place than it is. */
export function readHttpOrigin(text: string): ReadOrigin {
  const url = URL.parse(text);
  const problem = url ? findProblem(url, text) : describeUnreadable(text);
  return url && problem === null ? { origin: url, problem } : { origin: null, problem: problem ?? FORM };
}

const FORM = 'must be https://host or https://host:port';

function describeUnreadable(text: string): string {
  const port = /:(\d+)\/?$/.exec(text)?.[1];
  return port !== undefined && Number(port) > 65_535 ? 'has a port over 65535: write one from 1 to 65535' : FORM;
}

function findProblem(url: URL, text: string): string | null {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return FORM;
  const instead = `write ${url.origin}`;
  if (text.includes('*')) return 'has a wildcard: name each host by itself, as https://host';
  if (url.username || url.password) return `holds a user or password: ${instead}`;
  if (url.port === '0') return 'has port 0, which nothing answers at: write one from 1 to 65535';
  if (url.hostname.endsWith('.'))
    return `has a dot behind the host: write ${url.protocol}//${url.host.replace('.:', ':').replace(/\.$/, '')}`;
  if (url.pathname !== '/') return `has a path, and a credential goes to a whole origin: ${instead}`;
  if (/[?#]/.test(text)) return `has a query or fragment: ${instead}`;
  return /^https?:\/\/[^/\\\s]+\/?$/i.test(text) ? null : `is not written as an origin: ${instead}`;
}
