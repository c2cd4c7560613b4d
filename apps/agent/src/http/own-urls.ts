import { isLoopback } from '@gatehouse/network/hostname';

export type Scheme = 'http' | 'https';

/** Base URL of the address that is listened on. An address that means all of them is reached on loopback. */
export function formatListenUrl(scheme: Scheme, host: string, port: number): string {
  const reached = !isEveryAddress(host) ? host : host.includes(':') ? '::1' : '127.0.0.1';
  return `${scheme}://${reached.includes(':') ? `[${reached}]` : reached}:${port}`;
}

/**
 * Base URL of a public name, without a trailing slash. Where this listener speaks no TLS itself, a proxy with TLS stands before it, unless
 * the name is this machine's own.
 */
export function formatPublicUrl(scheme: Scheme, name: string): string {
  return `${isLoopback(new URL(`${scheme}://${name}`).hostname) ? scheme : 'https'}://${name}`;
}

/** The names under which clients reach the listening address, as they stand in a URL. */
export function listOwnNames(host: string): string[] {
  if (host === '127.0.0.1') return ['127.0.0.1', 'localhost'];
  if (host === '::1') return ['[::1]', 'localhost'];
  if (host === 'localhost' || isEveryAddress(host)) return ['localhost', '127.0.0.1', '[::1]'];
  return [host.includes(':') ? `[${host}]` : host];
}

/** Whether listening on this address means listening on every address of the machine; no client uses it as a name. */
function isEveryAddress(host: string): boolean {
  return host === '0.0.0.0' || /^[0:]+$/.test(host);
}
