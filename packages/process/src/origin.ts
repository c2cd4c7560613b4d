import { isIP } from 'node:net';

/** An address that could not be told. All of those share one bucket of every limit. */
export const UNKNOWN_ADDRESS = 'unknown';

/** The address without port, brackets and zone; UNKNOWN_ADDRESS for what is none. */
export function normalizeAddress(text = ''): string {
  const trimmed = text.trim();
  const [, address = trimmed] = /^\[([^\]]*)\](?::\d+)?$/.exec(trimmed) ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(trimmed) ?? [];
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  return isIP(plain) === 0 ? UNKNOWN_ADDRESS : plain;
}

/** What limits count by: an IPv4 address, or the /64 of an IPv6 address, because one customer holds all of it. */
export function toOrigin(address: string | undefined): string {
  const plain = normalizeAddress(address);
  return isIP(plain) === 6 ? `${listGroups(plain).slice(0, 4).join(':')}::/64` : plain;
}

/** What one holder is given as a whole: the /24 of an IPv4 address, the /48 of an IPv6 address. */
export function toNetwork(address: string | undefined): string {
  const plain = normalizeAddress(address);
  if (isIP(plain) === 6) return `${listGroups(plain).slice(0, 3).join(':')}::/48`;
  return isIP(plain) === 4 ? `${plain.split('.').slice(0, 3).join('.')}.0/24` : plain;
}

/** The eight groups of an IPv6 address. */
function listGroups(address: string): string[] {
  // URL writes an address in one form, and lower case
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::', 2);
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array<string>(missing).fill('0'), ...after];
}
