import type { ServerTransport } from './documents/snapshot.ts';

/** What an address says of one machine: itself, under any of the names that every machine has for that. */
const THIS_MACHINE =
  /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1?\]|\[::ffff:(?:7f[0-9a-f]{2}:[0-9a-f]{1,4}|0:0)\])$/;
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

function foldAddress(url: URL): string {
  return [foldHost(url), ...foldPath(url.pathname)].join('/');
}

/** The URL parser has lower-cased the host, written IDN as punycode and numbers as an address, and taken dot segments out. */
function foldHost({ hostname, port }: URL): string {
  const host = hostname.replace(/\.+$/, '');
  const named = THIS_MACHINE.test(host) ? 'localhost' : host;
  return DEFAULT_PORTS.includes(port) ? named : `${named}:${port}`;
}

/** The segments without what servers drop of them: escapes of printable characters, empty ones, parameters after `;`. */
function foldPath(pathname: string): string[] {
  const plain = pathname.replace(/%[2-7][0-9a-f]/gi, (escape) => decodeURIComponent(escape)).toLowerCase();
  const kept: string[] = [];
  for (const segment of plain.split(/[/\\]/).map((each) => each.replace(/;.*/s, ''))) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  return kept;
}
