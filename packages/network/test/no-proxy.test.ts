import { expect, test } from 'vitest';

import { readNoProxy } from '../src/no-proxy.ts';

test.each([
  ['', 'https://a.test/', false],
  ['*', 'https://a.test/', true],
  ['a.test', 'https://a.test/', true],
  ['A.TEST.', 'https://a.test/', false],
  ['a.test', 'https://a.test./', true],
  ['a.test', 'https://b.a.test/', false],
  ['.a.test', 'https://b.a.test/', true],
  ['.a.test', 'https://a.test/', false],
  ['*.a.test', 'https://b.a.test/', true],
  ['other.test b.test,a.test:8443', 'https://a.test:8443/', true],
  ['a.test:8443', 'https://a.test/', false],
  ['a.test:443', 'https://a.test/', true],
  ['2001:db8::1', 'https://[2001:db8::1]/', true],
  ['[2001:db8::1]:8443', 'https://[2001:db8::1]:8443/', true],
])('NO_PROXY "%s" excepts %s: %s', (text, url, expected) => expect(readNoProxy(text)(new URL(url))).toBe(expected));
