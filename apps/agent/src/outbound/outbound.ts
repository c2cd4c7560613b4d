import { isIP } from 'node:net';

import { Agent, type Dispatcher } from 'undici';

import { stripBrackets } from '@gatehouse/network/hostname';
import { resolveAll, type Lookup } from '@gatehouse/network/lookup';

import type { Guardrails } from '../config/guardrails/guardrails.ts';
import { isNamedPrivate, RedirectRefused, refuseByName, requirePermittedName, requirePublic } from './address-policy.ts';
import type { AnswerBody } from './answer-body.ts';
import { boundAnswers, type AnswerBound, type OnNoRoom } from './answer-bound.ts';
import { AnswerHandler, type AnswerHeaders, type BegunAnswer } from './answer-handler.ts';
import { buildGuardedConnector, giveConnectMs } from './connector.ts';
import type { CookieJar } from './cookie-jar.ts';
import type { OutboundProxy } from './proxy.ts';

/** Plain headers, lower-case names by custom, and a body that is sent as it is. */
export interface LeanRequest {
  method?: Dispatcher.HttpMethod;
  headers?: Record<string, string>;
  body?: string | Buffer | null;
  signal?: AbortSignal | null;
  /** what a connection that has to be made may take, milliseconds: it is not given up before. Left out: that of the whole agent */
  connectMs?: number;
  /** bytes of the answer; the bound of the whole agent when left out */
  maxBytes?: number;
  /** the bound is on each event of an event stream, not on the whole. Left out: so for GET */
  longLived?: boolean;
  /** those of the origin: sent, and kept from the answer. Left out: none are */
  cookies?: CookieJar;
  onNoRoom?: OnNoRoom | undefined;
}

export interface OutboundAnswer {
  status: number;
  /** lower-case names; a header that came more than once is joined with a comma */
  headers: Record<string, string>;
  /** fails with ResponseTooLarge over its bound. It has to be read, dumped or destroyed */
  body: AnswerBody;
}

/**
 * The only way from the agent to an upstream over HTTP. A request follows at most five redirects within the origin and none that leaves it,
 * rejects with OutboundRefused before a byte is sent, and fails with ResponseTooLarge, at the latest while reading. None is asked for in a coding;
 * one that comes in gzip, br, deflate or zstd all the same is decoded, within its bound.
 */
export interface Outbound {
  request(url: URL, init: LeanRequest): Promise<OutboundAnswer>;
  /** Resolves when every address of the host may be dialled, else rejects. */
  check(url: URL): Promise<void>;
  close(): Promise<void>;
}

export interface OutboundOptions {
  http: Guardrails['http'];
  /** certificate authorities beside the public ones, PEM; for the proxy too */
  ca?: readonly string[];
  /** bytes of one answer, or of one event of a stream that stays open */
  maxAnswerBytes?: number;
  /** for requests that do not say what a connection may take, milliseconds */
  connectTimeoutMs?: number;
  lookup?: Lookup;
  /** the way out to public servers; servers that the guardrails name as private are always dialled directly */
  proxy?: OutboundProxy | null;
}

const MAX_REDIRECTS = 5;
const DEFAULT_ANSWER_BYTES = 10 * 1024 * 1024;
const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;

export function openOutbound(options: OutboundOptions): Outbound {
  const { http, ca = [], lookup = resolveAll, proxy = null, connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS } = options;
  /** The longest that any request said, by origin: those of one share its connections. */
  const connectTimes = new Map<string, number>();
  const getConnectMs = ({ origin }: URL) => {
    const said = connectTimes.get(origin);
    return said === undefined ? connectTimeoutMs : giveConnectMs(said);
  };
  const connect = buildGuardedConnector({ http, ca, lookup, proxy, getConnectMs });
  const agent = new Agent({ connect, allowH2: false, headersTimeout: 0, bodyTimeout: 0 });
  const dispatch = boundAnswers(agent.dispatch.bind(agent));
  const defaultMaxBytes = options.maxAnswerBytes ?? DEFAULT_ANSWER_BYTES;

  async function send(url: URL, init: LeanRequest, redirects: number): Promise<OutboundAnswer> {
    refuseByName(http, url);
    const { origin } = url;
    const { connectMs = 0 } = init;
    if (connectMs > (connectTimes.get(origin) ?? 0)) connectTimes.set(origin, connectMs);
    const { method = 'GET', body, signal = null, maxBytes = defaultMaxBytes, longLived = method === 'GET', cookies } = init;
    const answerBound: AnswerBound = { maxBytes, perEvent: longLived, onNoRoom: init.onNoRoom };
    const headers: Record<string, string> = { 'accept-encoding': 'identity', ...init.headers };
    const cookie = cookies?.buildHeader(url, headers['cookie']) ?? null;
    if (cookie !== null) headers['cookie'] = cookie;
    const sent = { origin, path: url.pathname + url.search, method, headers, body, answerBound };
    signal?.throwIfAborted();
    const answer = await new Promise<BegunAnswer>((resolve, reject) => {
      dispatch(sent, new AnswerHandler(signal, resolve, reject));
    });
    const given = answer.headers['set-cookie'];
    if (given !== undefined) cookies?.take(url, given);
    const location = findRedirect(answer.status, method, answer.headers['location']);
    if (location === null) return { status: answer.status, headers: flattenHeaders(answer.headers), body: answer.body };
    await answer.body.dump();
    const next = URL.parse(location, url.href);
    if (next?.origin !== origin) {
      throw new RedirectRefused(
        'The server redirects to another origin.',
        'Enter the address that it redirects to, if you trust it.',
      );
    }
    if (redirects === 0) throw new RedirectRefused('The server redirects without end.', 'Look at its address.');
    return send(next, init, redirects - 1);
  }

  return {
    request: (url, init) => send(url, init, MAX_REDIRECTS),
    async check(url) {
      refuseByName(http, url);
      if (isNamedPrivate(http, url) || isIP(stripBrackets(url.hostname)) !== 0) return;
      if (proxy?.serves(url)) return requirePermittedName(http, lookup, url);
      await requirePublic(lookup, stripBrackets(url.hostname));
    },
    close: () => agent.destroy(),
  };
}

/** The same requests, whose connections may take so long at least, milliseconds. */
export function withConnectTime(outbound: Pick<Outbound, 'request'>, connectMs: number): Pick<Outbound, 'request'> {
  return { request: (url, init) => outbound.request(url, { ...init, connectMs }) };
}

function flattenHeaders(headers: AnswerHeaders): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value !== undefined) flat[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return flat;
}

/** Only a redirect that keeps method and body is followed for anything but a plain GET. */
function findRedirect(status: number, method: string, location: string | string[] | undefined): string | null {
  if (typeof location !== 'string') return null;
  const followable = method === 'GET' ? [301, 302, 303, 307, 308] : [307, 308];
  return followable.includes(status) ? location : null;
}
