import type { IncomingMessage } from 'node:http';

import { isLoopback } from '@gatehouse/network/hostname';

/** Which names this listener answers to. */
export interface DoorOptions {
  scheme: 'http' | 'https';
  /** the address that is listened on, without brackets */
  host: string;
  port: number;
  /** further `host` or `host:port` under which clients reach it, for example through a proxy; lower case */
  publicHosts: readonly string[];
}

/** Null when a request may come in; else the reason for a 403. */
export type Door = (request: IncomingMessage) => string | null;

const DEFAULT_PORTS = { http: '80', https: '443' } as const;

/**
 * A web page can make a browser send requests here under a name of its own (DNS rebinding), so both names have to be ours: the one asked for
 * and, when a browser tells it, the one of the page.
 */
export function openDoor({ scheme, host, port, publicHosts }: DoorOptions): Door {
  const own = ownNames(host).map((name) => new URL(`${scheme}://${name}:${port}`));
  const ours = [...own, ...publicHosts.map((name) => new URL(publicUrl(scheme, name)))];
  const hosts = new Set(ours.flatMap(hostForms));
  const origins = new Set(ours.map(({ origin }) => origin));
  return (request) => {
    const asked = single(request, 'host');
    if (asked === undefined || !hosts.has(asked.toLowerCase())) return 'This agent is not reached under this Host.';
    if (request.headers['origin'] === undefined) return null;
    const origin = single(request, 'origin')?.toLowerCase();
    return origin !== undefined && origins.has(origin) ? null : 'This agent does not answer to this Origin.';
  };
}

/**
 * Base URL of a public name, without a trailing slash. Where this listener speaks no TLS itself, a proxy with TLS stands before it, unless
 * the name is this machine's own.
 */
export function publicUrl(scheme: 'http' | 'https', name: string): string {
  const { hostname } = new URL(`${scheme}://${name}`);
  return `${isLoopback(hostname) ? scheme : 'https'}://${name}`;
}

/** The name of a URL as clients send it: they may leave the default port out. */
function hostForms({ protocol, hostname, port, host }: URL): string[] {
  const standard = DEFAULT_PORTS[protocol === 'https:' ? 'https' : 'http'];
  return port === '' ? [hostname, `${hostname}:${standard}`] : [host];
}

function ownNames(host: string): string[] {
  if (host === '127.0.0.1') return ['127.0.0.1', 'localhost'];
  if (host === '::1') return ['[::1]', 'localhost'];
  if (host === 'localhost' || isEveryAddress(host)) return ['localhost', '127.0.0.1', '[::1]'];
  return [host.includes(':') ? `[${host}]` : host];
}

/** Whether listening on this address means listening on all of them: it is then no name that anybody uses. */
export function isEveryAddress(host: string): boolean {
  return host === '0.0.0.0' || /^[0:]+$/.test(host);
}

/** The value of a header that stands in the request exactly once. */
export function single(request: IncomingMessage, lowerCaseName: string): string | undefined {
  const values = allOf(request, lowerCaseName);
  return values.length === 1 ? values[0] : undefined;
}

/** Every value of a header as it was sent; Node itself keeps only the first of some. */
export function allOf(request: IncomingMessage, lowerCaseName: string): string[] {
  return request.rawHeaders.filter((_, index, all) => index % 2 === 1 && all[index - 1]?.toLowerCase() === lowerCaseName);
}
