import { expect, test } from 'vitest';

import { isSameOrigin, withNoStore } from '../../src/server/http.ts';

test('T-36: an authenticated answer may be kept by nobody', async () => {
  const response = withNoStore(
    Response.json({ tenant: 'a' }, { status: 201, headers: { 'cache-control': 'public, max-age=600' } }),
  );
  expect(response.headers.get('cache-control')).toBe('private, no-store');
  expect(response.headers.get('vary')).toContain('cookie');
  expect(response.headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
  expect(response.status).toBe(201);
  expect(await response.json()).toEqual({ tenant: 'a' });
});

test('T-36: a stream stays free of transformations', () => {
  const stream = new Response('data: 1\n\n', { headers: { 'cache-control': 'no-cache, no-transform' } });
  expect(withNoStore(stream).headers.get('cache-control')).toBe('private, no-store, no-transform');
});

test('cookies set by the answer survive', () => {
  const response = new Response(null);
  response.headers.append('set-cookie', 'a=1');
  response.headers.append('set-cookie', 'b=2');
  expect(withNoStore(response).headers.getSetCookie()).toEqual(['a=1', 'b=2']);
});

test('only a page of this console is the same origin', () => {
  const console = 'https://gatehouse.example/login';
  const from = (origin?: string) => isSameOrigin(new Headers(origin === undefined ? {} : { origin }), console);
  expect(from('https://gatehouse.example')).toBe(true);
  for (const other of [
    'https://gatehouse.example.evil.test',
    'http://gatehouse.example',
    'https://gatehouse.example:444',
    'null',
    '',
    undefined,
  ]) {
    expect(from(other)).toBe(false);
  }
});
