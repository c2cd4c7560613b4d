import { NextRequest } from 'next/server';
import { expect, test } from 'vitest';

import { config, proxy } from '../src/proxy.ts';

test('style sheets and scripts count only with the nonce of the page; what stays open is named', () => {
  const ask = () => proxy(new NextRequest('https://console.example/t/acme')).headers.get('content-security-policy') ?? '';
  const policy = new Map(
    ask()
      .split('; ')
      .map((part) => [part.split(' ', 1)[0], part] as const),
  );
  const nonce = /'nonce-[A-Za-z0-9+/=]+'/.exec(policy.get('style-src') ?? '')?.[0] ?? 'none';
  expect(policy.get('style-src')).toBe(`style-src 'self' ${nonce}`);
  expect(policy.get('script-src')).toBe(`script-src 'self' ${nonce} 'strict-dynamic'`);
  expect([...policy.values()].filter((part) => part.includes('unsafe'))).toEqual(["style-src-attr 'unsafe-inline'"]);
  expect(ask()).not.toContain(nonce);
});

test('every path but files and the routes without pages is given a policy', () => {
  const [{ source } = { source: '' }] = config.matcher;
  const isCovered = (path: string) => new RegExp(`^${source}$`).test(path);
  for (const path of [
    '/',
    '/login',
    '/t/acme/servers',
    '/nothing',
    '/api/nothing',
    '/agent/nothing',
    '/metricsx',
    '/t/a/api/x',
    '/_nextx',
  ])
    expect(isCovered(path), path).toBe(true);
  for (const path of [
    '/_next/static/a.js',
    '/api/auth/csrf',
    '/api/account/readLink',
    '/agent/gatehouse-agent.mjs',
    '/metrics',
    '/t/acme/api/trpc/me.get',
  ])
    expect(isCovered(path), path).toBe(false);
});
