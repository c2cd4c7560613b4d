import { toCanonicalJson } from './documents/canonical.ts';
import type { FixedHeader, ServerTransport } from './documents/snapshot.ts';

/** What an address says of one machine: itself, under any of the names that every machine has for that. */
const THIS_MACHINE = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1?\])$/;
/** An IPv4 address as the URL parser writes it inside of an IPv6 one. */
const MAPPED = /^\[::(?:ffff:(?:0:)?)?([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/;
/** How often an escape may be escaped itself; servers undo one or two. */
const MOST_ESCAPES = 4;
const DEFAULT_PORTS = ['', '80', '443'];

/**
 * What a server really is, whatever it is called here: decisions on it are found by this. Addresses that some server takes for one are one, so
 * scheme, query, fragment, letter case and spelling of the path count for nothing: to fold too much only makes a decision graver.
 */
export function identifyUpstream(transport: ServerTransport): string {
  switch (transport.kind) {
    case 'stdio':
      return `stdio ${transport.entry}`;
    case 'http':
      return `http ${foldAddress(new URL(transport.url))}`;
    case 'rest':
      // where its base URL ends and the paths of its operations begin is the writer's choice
      return `rest ${foldHost(new URL(transport.baseUrl))}`;
  }
}

/**
 * Whether what was approved at one may stand at the other: only where both are one address to the letter and are sent the same fixed headers, by
 * which a server behind a shared address is chosen. Folding, as above, would be wrong here: it would keep approvals for what is another server to
 * somebody. How it is authenticated to, and how its processes run, does not make it another one.
 */
export function isSameUpstream(one: ServerTransport, other: ServerTransport): boolean {
  return toCanonicalJson(listExact(one)) === toCanonicalJson(listExact(other));
}

function listExact(transport: ServerTransport): (string | FixedHeader[])[] {
  if (transport.kind === 'stdio') return [transport.kind, transport.entry];
  const { kind, credential } = transport;
  const headers = credential?.kind === 'several' ? credential.headers : [];
  const sorted = headers.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return [kind, new URL(kind === 'http' ? transport.url : transport.baseUrl).href, sorted];
}

function foldAddress(url: URL): string {
  return [foldHost(url), ...foldPath(url.pathname)].join('/');
}

/** The URL parser has lower-cased the host, written IDN as punycode and numbers as an address, and taken dot segments out. */
function foldHost({ hostname, port }: URL): string {
  const host = readMapped(hostname.replace(/\.+$/, ''));
  const named = THIS_MACHINE.test(host) ? 'localhost' : host;
  return DEFAULT_PORTS.includes(port) ? named : `${named}:${port}`;
}

function readMapped(host: string): string {
  const [, high, low] = MAPPED.exec(host) ?? [];
  if (high === undefined || low === undefined) return host;
  return [high, low].flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]).join('.');
}

/** The segments without what servers drop of them: escapes of printable characters, empty ones, parameters after `;`. */
function foldPath(pathname: string): string[] {
  let plain = pathname;
  for (let round = 0; round < MOST_ESCAPES; round += 1) plain = plain.replace(/%[2-7][0-9a-f]/gi, decodeURIComponent);
  plain = plain.toLowerCase();
  const kept: string[] = [];
  for (const segment of plain.split(/[/\\]/).map((each) => each.replace(/;.*/s, ''))) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  return kept;
}
