import { expect, test } from 'vitest';

import { returnPath, signInSentence } from '../../src/features/auth/sign-in.ts';

test('a path of this console is where a person returns to', () => {
  expect(returnPath('/t/acme/audit?outcome=denied')).toBe('/t/acme/audit?outcome=denied');
  expect(returnPath(undefined)).toBe('/');
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
  expect(returnPath(target)).toBe('/');
});

test('two callbackUrls are none', () => {
  expect(returnPath(['/t/acme', '//evil.example'])).toBe('/');
});

test('the throttle is told apart from a wrong password, and an unknown code is not shown', () => {
  expect(signInSentence(undefined)).toBeNull();
  expect(signInSentence('RateLimited')).toContain('Too many attempts');
  expect(signInSentence('CredentialsSignin')).toContain('not right');
  expect(signInSentence('<b>OAuthCallback</b>')).not.toContain('OAuthCallback');
});
