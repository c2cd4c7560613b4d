import { lookup as systemLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP } from 'node:net';
import tls from 'node:tls';

import { Agent, buildConnector, request } from 'undici';

import { matchesHost, type Guardrails } from '../config/guardrails.ts';
import { isPublicAddress } from './address.ts';
import { toResponse } from './response.ts';

/** The guardrails do not let the agent go there. The message names the place and the remedy. */
export class OutboundRefused extends Error {
  override readonly name = 'OutboundRefused';
}

/** Resolves a host name to all of its addresses. */
export type Lookup = (
  hostname: string,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export interface OutboundRequest {
  method?: string;
  headers?: Headers;
  body?: string;
  signal?: AbortSignal | null;
}

/** The only way from the agent to an upstream over HTTP. */
export interface Outbound {
  /**
   * Follows at most five redirects within the origin and none that leaves it. Rejects with OutboundRefused before a byte is sent, and with
   * ResponseTooLarge while reading. Answers are not decompressed: none is asked for compressed.
   */
  fetch(url: URL, init: OutboundRequest): Promise<Response>;
  /** Resolves when every address of the host may be dialled, else rejects. */
  check(url: URL): Promise<void>;
  close(): Promise<void>;
}

export interface OutboundOptions {
  http: Guardrails['http'];
  /** certificate authorities beside the public ones, PEM */
  ca?: readonly string[];
  /** bytes of one answer, or of one event of a stream that stays open */
  maxAnswerBytes?: number;
  connectTimeoutMs?: number;
  lookup?: Lookup;
}

const MAX_REDIRECTS = 5;
const DEFAULT_ANSWER_BYTES = 10 * 1024 * 1024;

export function openOutbound(options: OutboundOptions): Outbound {
  const lookup = options.lookup ?? ((hostname, callback) => systemLookup(hostname, { all: true, verbatim: true }, callback));
  const agent = new Agent({ connect: guardedConnector(options, lookup), allowH2: false, headersTimeout: 0, bodyTimeout: 0 });
  const maxBytes = options.maxAnswerBytes ?? DEFAULT_ANSWER_BYTES;

  async function send(url: URL, init: OutboundRequest, redirects: number): Promise<Response> {
    refuseByName(options.http, url);
    const { method = 'GET', headers, body, signal } = init;
    const answer = await request(url, { method, headers: [...(headers ?? [])].flat(), body, signal, dispatcher: agent });
    const location = redirectOf(answer.statusCode, method, answer.headers['location']);
    if (location === null) return toResponse(answer, { maxBytes, longLived: method === 'GET' });
    await answer.body.dump();
    const target = new URL(location, url);
    if (target.origin !== url.origin) {
      throw new OutboundRefused(
        'The server redirects to another origin. Enter the address that it redirects to, if you trust it.',
      );
    }
    if (redirects === 0) throw new OutboundRefused('The server redirects without end.');
    return send(target, init, redirects - 1);
  }

  return {
    fetch: (url, init) => send(url, init, MAX_REDIRECTS),
    async check(url) {
      refuseByName(options.http, url);
      if (isPrivateNamed(options.http, url)) return;
      await new Promise<void>((resolve, reject) => {
        publicLookup(lookup)(bareHost(url.hostname), { all: true }, (error) => (error ? reject(error) : resolve()));
      });
    },
    close: () => agent.destroy(),
  };
}

/** What can be said before an address is known. A literal address is never looked up, so it is judged here. */
function refuseByName(http: Guardrails['http'], url: URL): void {
  if (isPrivateNamed(http, url)) return;
  if (url.protocol !== 'https:') throw new OutboundRefused(notNamed(url.host, 'is not reached over https'));
  if (http.hosts.length > 0 && !matchesHost(http.hosts, url)) {
    throw new OutboundRefused(`${url.host} is not among http.hosts of the agent's guardrails.`);
  }
  const host = bareHost(url.hostname);
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw new OutboundRefused(notNamed(url.host, 'is not a public address'));
}

function isPrivateNamed(http: Guardrails['http'], url: URL): boolean {
  return matchesHost(http.privateHosts, url);
}

function notNamed(host: string, problem: string): string {
  return `${host} ${problem}. Name it in http.privateHosts of the agent's guardrails to allow that.`;
}

function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** Judges a connection where it is made: the address that was checked is the one that is dialled. */
function guardedConnector(options: OutboundOptions, lookup: Lookup): buildConnector.connector {
  const ca = options.ca && [...tls.getCACertificates('default'), ...options.ca];
  const common = { timeout: options.connectTimeoutMs ?? 10_000, ca };
  const toAny = buildConnector({ ...common, lookup: everyLookup(lookup) });
  const toPublic = buildConnector({ ...common, lookup: publicLookup(lookup) });
  return (target, callback) => {
    const url = new URL(`${target.protocol}//${target.host ?? target.hostname}`);
    (isPrivateNamed(options.http, url) ? toAny : toPublic)(target, callback);
  };
}

type NodeLookup = (
  hostname: string,
  options: LookupOptions,
  callback: (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void,
) => void;

function everyLookup(lookup: Lookup): NodeLookup {
  return (hostname, options, callback) => {
    lookup(hostname, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || !first) return callback(error ?? new OutboundRefused(`${hostname} has no address.`), '');
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
}

/** One address that is not public spoils the name: which one is dialled would be chance. */
function publicLookup(lookup: Lookup): NodeLookup {
  const guarded: Lookup = (hostname, callback) => {
    lookup(hostname, (error, addresses) => {
      const spoiled = !error && !addresses.every(({ address }) => isPublicAddress(address));
      callback(spoiled ? new OutboundRefused(notNamed(hostname, 'has an address that is not public')) : error, addresses);
    });
  };
  return everyLookup(guarded);
}

/** Only a redirect that keeps method and body is followed for anything but a plain GET. */
function redirectOf(status: number, method: string, location: string | string[] | undefined): string | null {
  if (typeof location !== 'string') return null;
  const followable = method === 'GET' ? [301, 302, 303, 307, 308] : [307, 308];
  return followable.includes(status) ? location : null;
}
