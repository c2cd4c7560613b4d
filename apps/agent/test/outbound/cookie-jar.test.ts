import { expect, test } from 'vitest';

import { CookieJar } from '../../src/outbound/cookie-jar.ts';

const AT = 'https://mcp.example.com/a/mcp';
const NOW = Date.UTC(2026, 10, 29);

test.each<[name: string, set: string[], asked: string, sent: string | null]>([
  ['one cookie', ['AWSALB=node-2; Path=/; HttpOnly'], AT, 'AWSALB=node-2'],
  ['several', ['a=1; Path=/', 'b=2; Path=/'], AT, 'a=1; b=2'],
  ['a value with =', ['a=b==; Path=/'], AT, 'a=b=='],
  ['the newest of a name', ['a=1; Path=/', 'a=2; Path=/'], AT, 'a=2'],
  ['the folder where no path is named', ['a=1'], 'https://mcp.example.com/a/messages', 'a=1'],
  ['nothing outside of that folder', ['a=1'], 'https://mcp.example.com/b', null],
  ['nothing of a path that only begins alike', ['a=1; Path=/a'], 'https://mcp.example.com/ab', null],
  ['a path', ['a=1; Path=/a'], AT, 'a=1'],
  ['of the parent domain', ['a=1; Path=/; Domain=.Example.com'], AT, 'a=1'],
  ['nothing of another domain', ['a=1; Path=/; Domain=evil.example'], AT, null],
  ['nothing that is over', ['a=1; Path=/; Expires=Sat, 28 Nov 2026 00:00:00 GMT'], AT, null],
  ['what is not over yet', ['a=1; Path=/; Expires=Mon, 30 Nov 2026 00:00:00 GMT'], AT, 'a=1'],
  ['Max-Age before Expires', ['a=1; Path=/; Max-Age=60; Expires=Sat, 28 Nov 2026 00:00:00 GMT'], AT, 'a=1'],
  ['nothing that is taken back', ['a=1; Path=/', 'a=; Path=/; Max-Age=0'], AT, null],
  ['what is secure, over TLS', ['a=1; Path=/; Secure'], AT, 'a=1'],
  ['nothing that is secure without TLS', ['a=1; Path=/; Secure'], 'http://mcp.example.com/a/mcp', null],
  ['nothing without a name', ['=1; Path=/', 'nonsense', ''], AT, null],
  ['nothing that would be another header', ['a=1\r\nx: y; Path=/'], AT, null],
  ['nothing huge', [`a=${'x'.repeat(5_000)}; Path=/`], AT, null],
])('of Set-Cookie a jar sends back %s', (_, set, asked, sent) => {
  const jar = new CookieJar(() => NOW);
  jar.take(new URL(AT), set);
  expect(jar.buildHeader(new URL(asked))).toBe(sent);
});

test('a cookie ends with its time, the credential’s own cookie comes first and counts, and there are 50 at most', () => {
  let now = NOW;
  const jar = new CookieJar(() => now);
  jar.take(new URL(AT), 'a=1; Path=/; Max-Age=60');
  jar.take(new URL(AT), ['key=from-server; Path=/']);
  expect(jar.buildHeader(new URL(AT), 'key=credential')).toBe('key=credential; a=1');
  now += 60_001;
  expect(jar.buildHeader(new URL(AT), 'key=credential')).toBeNull();
  for (let n = 0; n < 100; n += 1) jar.take(new URL(AT), `c${n}=${n}; Path=/`);
  expect(jar.buildHeader(new URL(AT))?.split('; ')).toHaveLength(50);
});
