import { expect, test } from 'vitest';

import { stripBrackets, isLoopback } from '../src/hostname.ts';

test.each(['localhost', '127.0.0.1', '127.8.0.9', '::1', '[::1]'])('%s is this machine', (host) =>
  expect(isLoopback(host)).toBe(true),
);

test.each(['', '0.0.0.0', '10.0.0.1', '127.1', '127.0.0.1.example', 'localhost.example', '::', '[::2]', 'example'])(
  '"%s" is not this machine',
  (host) => expect(isLoopback(host)).toBe(false),
);

test('only an IPv6 literal has brackets', () => {
  expect(['[2001:db8::1]', '10.0.0.1', 'host.example'].map(stripBrackets)).toEqual(['2001:db8::1', '10.0.0.1', 'host.example']);
});
