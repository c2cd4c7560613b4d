import { expect, test } from 'vitest';

import { describeSignInError, getDestination, getReturnPath } from '../../src/features/auth/sign-in.ts';
import { explainFailedSignIn } from '../../src/server/auth/failed-sign-in.ts';
import { keepOnConsole } from '../../src/server/auth/options.ts';

test('a path of this console is where a person returns to', () => {
  expect(getReturnPath('/t/acme/audit?outcome=denied')).toBe('/t/acme/audit?outcome=denied');
  expect(getReturnPath(undefined)).toBe('/');
});

test.each([
  'https://evil.example/t/acme',
  '//evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  'javascript:alert(1)',
  '/\t/evil.example',
  'http://console.invalid/t/acme',
  '/login?callbackUrl=/login',
])('%s is not followed after sign-in', (target) => {
  expect(getReturnPath(target)).toBe('/');
});

test.each([
  ['/t/acme/audit', 'acme', '/t/acme/audit'],
  ['/t/acme/audit', 'other', '/t/other'],
  ['/', 'acme', '/t/acme'],
  ['/account', 'acme', '/account'],
  ['/t/acme/audit', undefined, '/t/acme/audit'],
  ['/', undefined, '/'],
])('on the way to %s a sign-in to %s leads to %s', (next, workspace, destination) => {
  expect(getDestination(next, workspace)).toBe(destination);
});

test('two callbackUrls are none', () => {
  expect(getReturnPath(['/t/acme', '//evil.example'])).toBe('/');
});

test('the throttle is told apart from a wrong password, and an unknown code is not shown', () => {
  expect(describeSignInError(undefined)).toBeNull();
  expect(describeSignInError('RateLimited')).toContain('Too many attempts');
  expect(describeSignInError('CredentialsSignin')).toContain('not right');
  expect(describeSignInError('<b>OAuthCallback</b>')).not.toContain('OAuthCallback');
});

test.each([
  ['Unavailable', 503, 'Sign-in is not available at the moment. Try again in a minute.'],
  ['RateLimited', 429, 'Too many attempts. Wait 15 minutes, then try again.'],
])('a sign-in that fails as %s is answered with %s and a sentence', async (code, status, message) => {
  const url = `http://127.0.0.1:3000/login?error=${code}&provider=credentials`;
  const answer = await explainFailedSignIn(Response.json({ url }, { status: 401, headers: { 'set-cookie': 'a=1' } }));
  expect([answer.status, await answer.json()]).toEqual([status, { url, message }]);
  expect(answer.headers.getSetCookie()).toEqual(['a=1']);
});

test('a wrong password stays 401, and what is no failed sign-in stays as it is', async () => {
  const url = 'http://127.0.0.1:3000/login?error=CredentialsSignin&provider=credentials';
  const wrong = Response.json({ url }, { status: 401 });
  const fine = Response.json({ url: 'http://127.0.0.1:3000/' });
  expect([await explainFailedSignIn(wrong), await explainFailedSignIn(fine)]).toEqual([wrong, fine]);
});

test('a sign-in that was refused for now says in whole seconds when the next attempt may be made', async () => {
  const explain = (code: string, retryAfterMs?: number) => {
    const url = `http://127.0.0.1:3000/login?error=${code}&provider=credentials`;
    return explainFailedSignIn(Response.json({ url }, { status: 401 }), retryAfterMs);
  };
  expect((await explain('RateLimited', 61_200)).headers.get('retry-after')).toBe('62');
  expect((await explain('Unavailable', 5_000)).headers.get('retry-after')).toBe('5');
  expect((await explain('Unavailable')).headers.get('retry-after')).toBeNull();
});

test.each(['', '<html>', '{"url":'])('a 401 whose body is no JSON stays as it is: %j', async (body) => {
  const response = new Response(body, { status: 401 });
  expect(await explainFailedSignIn(response)).toBe(response);
});

test.each([
  ['/t/acme', 'https://console.example/t/acme'],
  ['https://console.example/t/acme', 'https://console.example/t/acme'],
  ['//evil.example/', 'https://console.example'],
  ['https://evil.example', 'https://console.example'],
  ['javascript:alert(1)', 'https://console.example'],
  ['http://[', 'https://console.example'],
])('next-auth leads from %s to %s, and throws at nothing', (url, expected) => {
  expect(keepOnConsole({ url, baseUrl: 'https://console.example' })).toBe(expected);
});

test.each(['', '\0', '\ud800', '__proto__', '[object Object]', "'; drop table receipt"])('nor at %j', (url) => {
  expect(keepOnConsole({ url, baseUrl: 'https://console.example' })).toMatch(/^https:\/\/console\.example(\/|$)/);
});
