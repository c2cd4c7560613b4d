/** True when the request was made by a page of this console. Browsers send Origin with every POST; a missing one is refused. */
export function isSameOrigin(headers: Headers, consoleUrl: string): boolean {
  const origin = headers.get('origin');
  return origin !== null && origin === new URL(consoleUrl).origin;
}

/**
 * Marks an answer as one person's own: no browser, proxy or CDN may keep it. `no-transform` is kept where it stands, because a
 * compressing proxy would hold back a stream.
 */
export function withNoStore(response: Response): Response {
  const streaming = response.headers.get('cache-control')?.includes('no-transform') ?? false;
  const headers = new Headers(response.headers);
  headers.set('cache-control', streaming ? 'private, no-store, no-transform' : 'private, no-store');
  headers.append('vary', 'cookie');
  // no page: whoever opens it in a window gets text that can load and run nothing
  headers.set('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
