import { type NextRequest, NextResponse } from 'next/server';

import { isDevelopment } from './env.ts';

/**
 * Scripts and style sheets count only with this request's nonce. Style attributes stay allowed: React writes those of its server-side pages
 * into the HTML. React's development build needs `eval`, and the dev server a websocket and styles of its own.
 */
export function buildPolicy(nonce: string): string {
  const dev = isDevelopment();
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${dev ? " 'unsafe-eval'" : ''}`,
    dev ? "style-src 'self' 'unsafe-inline'" : `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${dev ? ' ws:' : ''}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Gives every page a content security policy, and keeps pages out of every cache: each one is a person's own. */
export function proxy(request: NextRequest): NextResponse {
  const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64');
  const contentSecurityPolicy = buildPolicy(nonce);
  const headers = new Headers(request.headers);
  headers.set('x-nonce', nonce);
  headers.set('x-path', request.nextUrl.pathname + request.nextUrl.search);
  headers.set('content-security-policy', contentSecurityPolicy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('content-security-policy', contentSecurityPolicy);
  response.headers.set('cache-control', 'private, no-store');
  // The path of a page names a workspace; no other site has to know.
  response.headers.set('referrer-policy', 'same-origin');
  return response;
}

/** All but files and the routes that answer no page: what is not there is answered with one. */
export const config = {
  matcher: [
    {
      source:
        '/((?!_next/static/|api/auth/|api/account/|agent/gatehouse-agent\\.mjs$|healthz$|readyz$|metrics$|version$|icon\\.svg$|t/[^/]+/api/trpc/).*)',
    },
  ],
};
