import { stripBrackets } from './hostname.ts';

/**
 * Reads NO_PROXY into a test of whether a URL is reached without the proxy. The forms are those of Node's own agents: `*`, `host`, `.domain`,
 * `*.domain`, each with an optional `:port`, separated by commas or blanks.
 */
export function readNoProxy(text: string): (url: URL) => boolean {
  const entries = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean);
  return (url) => {
    const host = stripBrackets(url.hostname).replace(/\.$/, '');
    const port = url.port || '443';
    return entries.some((entry) => {
      const [, name = '', wanted] = /^(\[[^\]]*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? [];
      if (wanted !== undefined && wanted !== port) return false;
      if (name === '*') return true;
      const suffix = name.startsWith('*.') ? name.slice(1) : name;
      return suffix.startsWith('.') ? host.endsWith(suffix) : host === stripBrackets(name);
    });
  };
}

/**
 * What the environment says of the way out: HTTPS_PROXY as it stands (null when it is unset or empty), and which URLs NO_PROXY excepts.
 * The lower-case forms win.
 */
export function readProxyVariables(environment: Readonly<Record<string, string | undefined>>): {
  proxy: string | null;
  isExcepted: (url: URL) => boolean;
} {
  return {
    proxy: environment['https_proxy'] || environment['HTTPS_PROXY'] || null,
    isExcepted: readNoProxy(environment['no_proxy'] || environment['NO_PROXY'] || ''),
  };
}
