import { expect, test } from 'vitest';

import { readClientAddress } from '../src/client-address.ts';
import { toNetwork, toOrigin } from '../src/origin.ts';

function read(forwarded: string | undefined, trusted: number, remoteAddress = '192.0.2.9'): string {
  return readClientAddress({ headers: { 'x-forwarded-for': forwarded }, socket: { remoteAddress } }, trusted);
}

test('without a trusted proxy X-Forwarded-For is nobody’s word', () => {
  expect(read('6.6.6.6', 0)).toBe('192.0.2.9');
  expect(read('6.6.6.6, 7.7.7.7', 0, '::ffff:192.0.2.9')).toBe('192.0.2.9');
});

test('each trusted proxy moves one entry to the left, and never into what the caller made up', () => {
  expect(read('6.6.6.6, 198.51.100.1', 1)).toBe('198.51.100.1');
  expect(read('6.6.6.6, 198.51.100.1, 10.0.0.2', 2)).toBe('198.51.100.1');
  expect(read(undefined, 1)).toBe('192.0.2.9');
  expect(read('198.51.100.1', 3)).toBe('198.51.100.1');
});

test.each(['', ' ', 'evil', '1.2.3', '<script>', 'a'.repeat(10_000)])('%j is no address', (entry) => {
  expect(read(`6.6.6.6, ${entry} x`, 1)).toBe('unknown');
});

test('ports, brackets and zones are not part of an address', () => {
  expect(read('198.51.100.1:4711', 1)).toBe('198.51.100.1');
  expect(read('[2001:db8::1]:4711', 1)).toBe('2001:db8::1');
  expect(read(undefined, 0, 'fe80::1%eth0')).toBe('fe80::1');
});

test('limits count an IPv6 network as one origin, however its addresses are written', () => {
  expect(toOrigin('2001:db8:0:1:ffff::1')).toBe('2001:db8:0:1::/64');
  expect(toOrigin('2001:DB8::1:aaaa:bbbb:cccc:dddd')).toBe('2001:db8:0:1::/64');
  expect(toOrigin('2001:db8::')).toBe('2001:db8:0:0::/64');
  expect(toOrigin('::1')).toBe('0:0:0:0::/64');
  expect(toOrigin('::ffff:192.0.2.1')).toBe('192.0.2.1');
  expect(toOrigin(undefined)).toBe('unknown');
});

test('limits count what one holder is given as one network', () => {
  expect(toNetwork('192.0.2.77')).toBe('192.0.2.0/24');
  expect(toNetwork('::ffff:192.0.2.1')).toBe('192.0.2.0/24');
  expect(toNetwork('2001:DB8:9:ffff::1')).toBe('2001:db8:9::/48');
  expect(toNetwork('::1')).toBe('0:0:0::/48');
  expect(toNetwork(undefined)).toBe('unknown');
});
