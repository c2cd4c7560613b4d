import type { IncomingMessage } from 'node:http';

import { formatPublicUrl, listOwnNames, type Scheme } from './own-urls.ts';
import { getSingleHeader } from './request.ts';

/** Which names this listener answers to. */
export interface HostGuardOptions {
  scheme: Scheme;
  /** the address that is listened on, without brackets */
  host: string;
  port: number;
  /** further `host` or `host:port` under which clients reach it, for example through a proxy; lower case */
  publicHosts: readonly string[];
}

/** Null when a request names this listener and comes from no foreign web page; else the reason for a 403. */
export type HostGuard = (request: IncomingMessage) => string | null;

const DEFAULT_PORTS = { http: '80', https: '443' } as const;

/**
 * Guards against DNS rebinding: a web page can make a browser send requests here under the page's own host name. So `Host` has to be a name
 * of this listener and, where a browser sends one, `Origin` too.
 */
export function createHostGuard({ scheme, host, port, publicHosts }: HostGuardOptions): HostGuard {
  const own = listOwnNames(host).map((name) => new URL(`${scheme}://${name}:${port}`));
  const urls = [...own, ...publicHosts.map((name) => new URL(formatPublicUrl(scheme, name)))];
  const hosts = new Set(urls.flatMap(listHostForms));
  const origins = new Set(urls.map(({ origin }) => origin));
  return (request) => {
    const asked = getSingleHeader(request, 'host');
    if (asked === undefined || !hosts.has(asked.toLowerCase())) return 'This agent is not reached under this Host.';
    if (request.headers['origin'] === undefined) return null;
    const origin = getSingleHeader(request, 'origin')?.toLowerCase();
    return origin !== undefined && origins.has(origin) ? null : 'This agent does not answer to this Origin.';
  };
}

/** The ways in which clients write the host of a URL: they may leave the default port out. */
function listHostForms({ protocol, hostname, port, host }: URL): string[] {
  const standard = DEFAULT_PORTS[protocol === 'https:' ? 'https' : 'http'];
  return port === '' ? [hostname, `${hostname}:${standard}`] : [host];
}
