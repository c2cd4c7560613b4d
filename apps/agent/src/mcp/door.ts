import type { IncomingMessage } from 'node:http';

/** Which names this listener answers to. */
export interface DoorOptions {
  /** the address that is listened on, without brackets */
  host: string;
  /** further `host:port` under which clients reach it, for example through a proxy */
  publicHosts: readonly string[];
}

/**
 * Null when a request may come in; else the reason for a 403. A web page can make a browser send requests here under a name of its own
 * (DNS rebinding), so both names have to be ours: the one asked for and, when a browser tells it, the one of the page.
 */
export function refuseAtDoor(request: IncomingMessage, port: number, options: DoorOptions): string | null {
  const ours = new Set([...ownNames(options.host).map((name) => `${name}:${port}`), ...options.publicHosts]);
  const host = single(request, 'host');
  if (host === undefined || !ours.has(host.toLowerCase())) return 'This agent is not reached under this Host.';
  if (request.headers['origin'] === undefined) return null;
  const origin = single(request, 'origin');
  const allowed =
    origin !== undefined && /^https?:\/\//.test(origin) && ours.has(origin.replace(/^https?:\/\//, '').toLowerCase());
  return allowed ? null : 'This agent does not answer to this Origin.';
}

function ownNames(host: string): string[] {
  if (host === '127.0.0.1') return ['127.0.0.1', 'localhost'];
  if (host === '::1') return ['[::1]', 'localhost'];
  if (host === 'localhost') return ['localhost', '127.0.0.1', '[::1]'];
  return [host.includes(':') ? `[${host}]` : host];
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
