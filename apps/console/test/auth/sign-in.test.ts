import { expect, test } from 'vitest';

import { getReturnPath, describeSignInError } from '../../src/features/auth/sign-in.ts';

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

test('two callbackUrls are none', () => {
  expect(getReturnPath(['/t/acme', '//evil.example'])).toBe('/');
});

test('the throttle is told apart from a wrong password, and an unknown code is not shown', () => {
  expect(describeSignInError(undefined)).toBeNull();
  expect(describeSignInError('RateLimited')).toContain('Too many attempts');
  expect(describeSignInError('CredentialsSignin')).toContain('not right');
  expect(describeSignInError('<b>OAuthCallback</b>')).not.toContain('OAuthCallback');
});
