import * as z from 'zod';

/** What a host name or a bracketed IPv6 address is made of; a URL parser lets quotes, `$` and `;` through. */
const HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])$/;
const PATH = /^[A-Za-z0-9._~/-]*$/;

/**
 * Base URL of a listener for AI clients, without a trailing slash. An agent says it of itself and people paste it into settings, terminals and
 * links, so it is origin and plain path only: no user, no query, no fragment, nothing that a shell, a template or a terminal acts upon.
 */
export const EndpointUrl = z
  .string()
  .max(500)
  .transform((text, context) => {
    const url = findPlainUrl(text);
    if (url !== null) return url;
    context.addIssue({ code: 'custom', message: 'must be http:// or https:// with a host and at most a plain path' });
    return z.NEVER;
  });

/** A stored one as it may be shown; null for none, and for what was stored when less was asked of it. */
export function readEndpointUrl(stored: string | null): string | null {
  return EndpointUrl.safeParse(stored).data ?? null;
}

/** The normal form; null for what is no such URL. */
function findPlainUrl(text: string): string | null {
  if (!/^https?:\/\/[\x21-\x7e]+$/i.test(text) || !URL.canParse(text)) return null;
  const { protocol, hostname, pathname, origin, username, password, search, hash } = new URL(text);
  const isPlain = [username, password, search, hash].every((part) => part === '') && !/[?#@\\]/.test(text);
  if (!isPlain || !/^https?:$/.test(protocol) || !HOST.test(hostname) || !PATH.test(pathname)) return null;
  return origin + pathname.replace(/\/+$/, '');
}
