import { setTimeout as delay } from 'node:timers/promises';

import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import { Backoff } from '@gatehouse/process/backoff';

import { isSameId } from '../wire/json-rpc.ts';
import { HEADER, METHOD, NOTIFICATION } from '../wire/protocol.ts';
import { LIST_CHANGES, parseMessage, readContent, type Message } from './message.ts';
import type { Exchange, ProfileEndpoint } from './profile-endpoint.ts';
import type { RetryTimes } from './retry.ts';

export interface LegacySessionOptions {
  endpoint: ProfileEndpoint;
  send: (message: Message, headers: Record<string, string>, signal: AbortSignal) => Promise<Exchange>;
  /** a message of the agent that answers no request of its exchange */
  deliver: (message: Message) => Promise<void>;
  tell: (line: string) => void;
  /** aborted when the client is gone */
  signal: AbortSignal;
  retry: RetryTimes;
}

interface Open {
  id: string;
  protocolVersion: string;
  stream: AbortController;
}

const CLOSE_MS = 2_000;
const INITIALIZED = JSON.stringify({ jsonrpc: '2.0', method: NOTIFICATION.initialized });

/** The session that the older protocol needs, opened with the client's own `initialize`, as often as the agent forgets it. */
export class LegacySession {
  readonly #options: LegacySessionOptions;
  #initialize: Message | null = null;
  /** what the client was told, which a new session must not contradict */
  #agreed: JsonObject | null = null;
  #open: Open | null = null;
  #opening: Promise<void> | null = null;
  #stream: Promise<void> | null = null;

  constructor(options: LegacySessionOptions) {
    this.#options = options;
  }

  /** Sends a message in the session. When the agent does not know the session any more, a new one is opened and the message sent again. */
  async exchange(message: Message, signal: AbortSignal): Promise<Exchange> {
    if (message.method === METHOD.initialize) return this.#openFirst(message, signal);
    // asked again after each wait: the message before this one may have begun something new
    while (this.#opening) await this.#opening;
    if (message.method === NOTIFICATION.initialized) return this.#sendInitialized(message, signal);
    const used = this.#open;
    const exchange = await this.#options.send(message, buildHeaders(used), signal);
    if (exchange.status !== 404 || !used) return exchange;
    for await (const _ of exchange.messages);
    await this.#renew(used);
    return this.#options.send(message, buildHeaders(this.#open), signal);
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = null;
    open?.stream.abort();
    await this.#stream;
    if (!open) return;
    await this.#options.endpoint
      .exchange('DELETE', { headers: buildHeaders(open), signal: AbortSignal.timeout(CLOSE_MS) })
      .catch(() => null); // the agent forgets an idle session by itself
  }

  /** The client's own opening: its answer goes to the client as it is, and is read on the way. */
  async #openFirst(message: Message, signal: AbortSignal): Promise<Exchange> {
    this.#initialize = message;
    // before anything is awaited: a client may send more without waiting for the answer
    const opened = Promise.withResolvers<void>();
    this.#opening = opened.promise;
    const endOpening = () => {
      this.#opening = null;
      opened.resolve();
    };
    const exchange = await this.#options.send(message, {}, signal).catch((error: unknown) => {
      endOpening();
      throw error;
    });
    const take = (answer: Message) => this.#take(exchange, answer);
    const { messages } = exchange;
    async function* watched() {
      try {
        for await (const streamed of messages) {
          const answer = parseMessage(streamed.text);
          if (answer?.method === null && isSameId(answer.id, message.id)) take(answer);
          yield streamed;
        }
      } finally {
        endOpening();
      }
    }
    return { ...exchange, messages: watched() };
  }

  /** What the agent sends on its stream is lost while nobody holds it open, so nothing else goes out before it stands. */
  async #sendInitialized(message: Message, signal: AbortSignal): Promise<Exchange> {
    const ready = Promise.withResolvers<void>();
    this.#opening = ready.promise;
    try {
      const exchange = await this.#options.send(message, buildHeaders(this.#open), signal);
      if (exchange.status < 300) await this.#listen();
      return exchange;
    } finally {
      this.#opening = null;
      ready.resolve();
    }
  }

  #take(exchange: Exchange, answer: Message): void {
    const { result } = readContent(answer);
    const id = exchange.headers[HEADER.sessionId];
    if (!isJsonObject(result) || typeof id !== 'string') return;
    this.#open?.stream.abort();
    this.#agreed = result;
    this.#open = { id, protocolVersion: String(result['protocolVersion']), stream: new AbortController() };
  }

  /** Several requests may find at once that the session is gone: one new session is opened for all of them. */
  #renew(forgotten: Open): Promise<void> {
    return (this.#opening ??= this.#reopen(forgotten).finally(() => (this.#opening = null)));
  }

  /** Opens a session in the place of one that the agent has forgotten, and tells the client that its lists may have changed. */
  async #reopen(forgotten: Open): Promise<void> {
    const { send, tell, signal } = this.#options;
    if (this.#open !== forgotten || !this.#initialize) return;
    tell('The agent does not know this session any more, as after a restart. Opening a new one.');
    const before = this.#agreed;
    const exchange = await send(this.#initialize, {}, signal);
    for await (const { text } of exchange.messages) {
      const answer = parseMessage(text);
      if (answer?.method === null) this.#take(exchange, answer);
    }
    if (this.#open === forgotten) throw new Error('The agent did not open a new session. Start this client again.');
    if (before?.['protocolVersion'] !== this.#agreed?.['protocolVersion']) {
      throw new Error('The agent speaks another protocol version than before. Start this client again.');
    }
    const initialized = parseMessage(INITIALIZED);
    if (initialized) for await (const _ of (await send(initialized, buildHeaders(this.#open), signal)).messages);
    await this.#listen();
    await this.#announceLists();
  }

  async #announceLists(): Promise<void> {
    const capabilities = isJsonObject(this.#agreed?.['capabilities']) ? this.#agreed['capabilities'] : {};
    for (const [kind, method] of LIST_CHANGES) {
      const capability = capabilities[kind];
      if (!isJsonObject(capability) || capability['listChanged'] !== true) continue;
      const message = parseMessage(JSON.stringify({ jsonrpc: '2.0', method }));
      if (message) await this.#options.deliver(message);
    }
  }

  /** Keeps the stream open on which the agent sends what answers no request. Resolves when it stands, or cannot be had at once. */
  #listen(): Promise<void> {
    const open = this.#open;
    if (!open) return Promise.resolve();
    const tried = Promise.withResolvers<void>();
    this.#stream = this.#follow(open, tried.resolve)
      .catch((error: unknown) => {
        if (!open.stream.signal.aborted && !this.#options.signal.aborted) {
          this.#options.tell(error instanceof Error ? error.message : 'The stream of notifications ended.');
        }
      })
      .finally(tried.resolve);
    return tried.promise;
  }

  async #follow(open: Open, onTried: () => void): Promise<void> {
    const { endpoint, retry } = this.#options;
    const signal = AbortSignal.any([open.stream.signal, this.#options.signal]);
    let lastEventId: string | null = null;
    const backoff = new Backoff(retry);
    for (;;) {
      const headers: Record<string, string> = buildHeaders(open);
      if (lastEventId !== null) headers['last-event-id'] = lastEventId;
      const exchange: Exchange | null = await endpoint.exchange('GET', { headers, signal }).catch((error: unknown) => {
        if (signal.aborted) throw error;
        return null; // the agent is away
      });
      onTried();
      if (exchange && exchange.status >= 400) {
        for await (const _ of exchange.messages);
        if (exchange.status === 404) return this.#renew(open);
        if (exchange.status < 500 && exchange.status !== 429) return; // there is no such stream here
      } else if (exchange) {
        backoff.reset();
        try {
          for await (const { text, eventId } of exchange.messages) {
            lastEventId = eventId ?? lastEventId;
            const message = parseMessage(text);
            if (message) await this.#options.deliver(message);
          }
        } catch (error) {
          if (signal.aborted) throw error; // else it was cut, as by a restart
        }
      }
      await delay(backoff.takeDelay(), undefined, { signal });
    }
  }
}

function buildHeaders(open: Open | null): Record<string, string> {
  return open ? { [HEADER.sessionId]: open.id, [HEADER.protocolVersion]: open.protocolVersion } : {};
}
