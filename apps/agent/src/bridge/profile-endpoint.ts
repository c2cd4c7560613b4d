import tls from 'node:tls';

import { createParser } from 'eventsource-parser';
import { Agent, ProxyAgent, type Dispatcher } from 'undici';

import { isLoopback } from '@gatehouse/network/hostname';
import { readProxyVariables } from '@gatehouse/network/no-proxy';

type Environment = Readonly<Record<string, string | undefined>>;

/** The address is none that the bridge may send a key to; one line. */
export class BridgeAddressError extends Error {
  override readonly name = 'BridgeAddressError';
}

export interface EndpointOptions {
  url: URL;
  clientKey: string;
  /** certificate authorities beside the public ones, PEM */
  ca: readonly string[];
  /** HTTPS_PROXY and NO_PROXY; nothing on this machine goes through a proxy */
  proxyEnvironment: Environment;
}

export interface Exchange {
  status: number;
  headers: Dispatcher.ResponseData['headers'];
  /** messages in order, each when it is there: those of the stream, or the one of the body. Yields nothing for an empty answer */
  messages: AsyncIterable<StreamedMessage>;
}

export interface StreamedMessage {
  text: string;
  /** id of the event, when the server gave it one */
  eventId: string | null;
}

/** Parses a profile's address. Throws BridgeAddressError. */
export function parseProfileUrl(text: string): URL {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new BridgeAddressError(`${text} is no address. Copy the one of the profile: https://…/p/<profile>/mcp`);
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new BridgeAddressError(
      'The address must not hold a user, a password or a query. The key belongs in GATEHOUSE_CLIENT_KEY.',
    );
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new BridgeAddressError(`${url.host} is not reached over https, and the client key would travel readable. Use https.`);
  }
  return url;
}

/** HTTP to one profile with its key. Redirects are not followed: the key is for this address alone. */
export class ProfileEndpoint {
  readonly #url: URL;
  readonly #dispatcher: Dispatcher;
  readonly #authorization: string;

  constructor({ url, clientKey, ca, proxyEnvironment }: EndpointOptions) {
    this.#url = url;
    this.#authorization = `Bearer ${clientKey}`;
    const trusted = ca.length > 0 ? [...tls.getCACertificates('default'), ...ca] : undefined;
    const security = { ca: trusted, rejectUnauthorized: true, minVersion: 'TLSv1.2' as const };
    const timeouts = { headersTimeout: 0, bodyTimeout: 0, allowH2: false };
    const proxy = findProxy(url, proxyEnvironment);
    this.#dispatcher =
      proxy === null
        ? new Agent({ connect: security, ...timeouts })
        : new ProxyAgent({ uri: proxy, requestTls: security, proxyTls: security, ...timeouts });
  }

  async exchange(
    method: 'POST' | 'GET' | 'DELETE',
    options: { body?: string; headers?: Record<string, string>; signal: AbortSignal },
  ): Promise<Exchange> {
    const answer = await this.#dispatcher.request({
      origin: this.#url.origin,
      path: this.#url.pathname,
      method,
      headers: {
        accept: method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
        ...(options.body !== undefined && { 'content-type': 'application/json' }),
        ...options.headers,
        authorization: this.#authorization,
      },
      body: options.body,
      signal: options.signal,
    });
    return { status: answer.statusCode, headers: answer.headers, messages: readMessages(answer) };
  }

  close(): Promise<void> {
    return this.#dispatcher.destroy();
  }
}

/** The proxy on the way to an address; null when it is reached directly. */
function findProxy(url: URL, environment: Environment): string | null {
  const { proxy, isExcepted } = readProxyVariables(environment);
  return !proxy || isLoopback(url.hostname) || isExcepted(url) ? null : proxy;
}

async function* readMessages({ headers, body }: Dispatcher.ResponseData): AsyncGenerator<StreamedMessage> {
  const type = headers['content-type'];
  if (typeof type !== 'string' || !type.startsWith('text/event-stream')) {
    const text = await body.text();
    if (text.trim() !== '') yield { text, eventId: null };
    return;
  }
  let arrived: StreamedMessage[] = [];
  const parser = createParser({
    onEvent: ({ data, event, id }) => {
      if (data !== '' && (event === undefined || event === 'message')) arrived.push({ text: data, eventId: id ?? null });
    },
  });
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) continue;
    parser.feed(decoder.decode(chunk, { stream: true }));
    const ready = arrived;
    arrived = [];
    yield* ready;
  }
}
