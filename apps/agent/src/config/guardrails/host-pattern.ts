import { isIP } from 'node:net';

import { stripBrackets } from '@gatehouse/network/hostname';
import { isPublicAddress } from '@gatehouse/network/public-address';

/** `host`, `host:port`, `*.domain`, each of them also with a port. */
const PATTERN = /^((?:\*\.)?[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(\d+))?$/;

/** Where a configuration may reach: patterns of hosts. */
export interface HostBounds {
  /** `host`, `host:port` or `*.domain`; empty: any public host */
  hosts: readonly string[];
  /** the same forms; loopback, private and link-local addresses, and http without TLS, only through these */
  privateHosts: readonly string[];
}

/** Whether a URL's host matches one of the patterns. A pattern without a port matches every port. */
export function matchesHost(patterns: readonly string[], url: URL): boolean {
  const host = url.hostname.toLowerCase().replace(/\.$/, '');
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return patterns.some((pattern) => {
    const [, name = '', wantedPort] = /^(.*?)(?::(\d+))?$/.exec(pattern.toLowerCase()) ?? [];
    if (wantedPort !== undefined && wantedPort !== port) return false;
    return name.startsWith('*.') ? host.endsWith(name.slice(1)) && host.length > name.length - 1 : host === name;
  });
}

/** Why a pattern matches nothing, or every host, and what to write instead; null when it is a good one. How wide it is: host-width.ts. */
export function findPatternProblem(pattern: string): string | null {
  const [, name = '', port] = PATTERN.exec(pattern) ?? [];
  if (name === '') return describeForm(pattern);
  if (port !== undefined && (port.length > 5 || Number(port) < 1 || Number(port) > 65_535)) {
    return 'has a port that does not exist: write one from 1 to 65535, or none for every port';
  }
  const isWide = name.startsWith('*.');
  const host = isWide ? name.slice(2).toLowerCase() : name.toLowerCase();
  if (isWide && /(?:^|\.)\d+$/.test(host)) return 'has a wildcard before an address: name each address by itself';
  const written = URL.parse(`https://${host}`)?.hostname;
  if (written === undefined || /^\.|\.\.|\.$/.test(host))
    return 'is no host name: write it without empty parts, and no dot at the end';
  return written === host ? null : `is ${written} in an address: write that`;
}

/** Why no server at an address is reached, whatever a configuration says; null when one may be. Names are resolved when they are dialled. */
export function findBarrier(http: HostBounds, url: URL): string | null {
  if (matchesHost(http.privateHosts, url)) return null;
  const host = stripBrackets(url.hostname);
  const remedy = 'name it in http.privateHosts of the guardrails to allow that';
  if (url.protocol !== 'https:') return `${url.host} is not reached over https; ${remedy}`;
  if (isIP(host) !== 0 && !isPublicAddress(host)) return `${url.host} is not a public address; ${remedy}`;
  if (http.hosts.length > 0 && !matchesHost(http.hosts, url)) return `${url.host} is not among http.hosts of the guardrails`;
  return null;
}

function describeForm(pattern: string): string {
  if (/^\**(?:\.\**)*$/.test(pattern)) return 'means every host: name hosts, or a domain of your own, as *.corp.example';
  if (pattern.endsWith(',')) return 'ends with a comma, which a list of lines has not: take it out';
  if (pattern.includes('://')) return describeAddress(pattern);
  if (/\/\d+$/.test(pattern)) return 'is a range of addresses, which cannot stand here: name each host, or *.domain';
  if (/[/?#@]/.test(pattern)) return 'has more than a host: write host, host:port or *.domain';
  if (pattern.includes('*')) return 'has a wildcard within a name: a whole *. at the start stands for every name below a domain';
  if (isIP(pattern) === 6) return 'is an IPv6 address: write it in brackets';
  const written = /[^\0-\x7f]/.test(pattern) ? URL.parse(`https://${pattern}`)?.host : undefined;
  return written === undefined ? 'must be host, host:port or *.domain' : `is ${written} in an address: write that`;
}

function describeAddress(pattern: string): string {
  const host = URL.parse(pattern)?.host;
  return host ? `is an address: write the host alone, ${host}` : 'is an address: write the host alone';
}
