import { setTimeout as delay } from 'node:timers/promises';

import { isJsonObject } from '@gatehouse/policy/documents/json';
import { Backoff } from '@gatehouse/process/backoff';

import { isSameId, type RpcId } from '../wire/json-rpc.ts';
import { META, METHOD, NOTIFICATION, RpcCode } from '../wire/protocol.ts';
import { LegacySession } from './legacy-session.ts';
import { buildErrorLine, LIST_CHANGES, mirrorEnvelope, parseMessage, readContent, type Message } from './message.ts';
import { ParamSchemas } from './param-schemas.ts';
import type { Exchange, ProfileEndpoint } from './profile-endpoint.ts';
import { describe, isConnectFailure, type RetryTimes } from './retry.ts';

export interface BridgeOptions {
  endpoint: ProfileEndpoint;
  /** one message to the client, without its line end; resolves when the client keeps up */
  write: (line: string) => Promise<void>;
  /** one line for a person */
  tell: (line: string) => void;
  retry?: RetryTimes;
}

const RETRY: RetryTimes = { baseMs: 250, capMs: 5_000, giveUpMs: 60_000 };

/**
 * Relays messages between a client that speaks over stdio and a profile over Streamable HTTP, in both eras of the protocol. Texts go through
 * unchanged. A session of the older protocol is opened again, with the client's own `initialize`, when the agent restarted.
 */
export class Bridge {
  readonly #options: BridgeOptions;
  readonly #retry: RetryTimes;
  readonly #session: LegacySession;
  readonly #schemas = new ParamSchemas();
  readonly #ended = new AbortController();
  /** requests under way, by the JSON text of their id */
  readonly #running = new Map<string, AbortController>();
  readonly #tasks = new Set<Promise<void>>();

  constructor(options: BridgeOptions) {
    this.#options = options;
    this.#retry = options.retry ?? RETRY;
    this.#session = new LegacySession({
      endpoint: options.endpoint,
      send: (message, headers, signal) => this.#post(message, headers, signal),
      deliver: (message) => this.#options.write(message.text),
      tell: options.tell,
      signal: this.#ended.signal,
      retry: this.#retry,
    });
  }

  /** One line of the client. */
  take(line: string): void {
    if (line.trim() === '') return;
    const message = parseMessage(line);
    if (!message)
      return this.#track(this.#options.write(buildErrorLine(null, RpcCode.parseError, 'This line is no JSON-RPC message.')));
    if (message.method === NOTIFICATION.cancelled && this.#cancel(message)) return;
    this.#track(message.id !== null && message.method !== null ? this.#request(message, message.id) : this.#sendOneWay(message));
  }

  /** Ends every request and the session. Resolves when nothing is under way. */
  async close(): Promise<void> {
    this.#ended.abort();
    await Promise.allSettled(this.#tasks);
    await this.#session.close();
    await this.#options.endpoint.close();
  }

  #track(task: Promise<void>): void {
    const tracked = task
      .catch((error: unknown) => {
        if (!this.#ended.signal.aborted) this.#options.tell(describe(error));
      })
      .finally(() => this.#tasks.delete(tracked));
    this.#tasks.add(tracked);
  }

  /** In the newer protocol closing the request cancels it. False in the older one, where the notification is passed on instead. */
  #cancel({ params }: Message): boolean {
    const controller = this.#running.get(JSON.stringify(params['requestId'] ?? null));
    controller?.abort();
    return controller !== undefined;
  }

  async #request(message: Message, id: RpcId): Promise<void> {
    const cancel = new AbortController();
    const key = JSON.stringify(id);
    if (message.revision !== null) this.#running.set(key, cancel);
    const signal = AbortSignal.any([cancel.signal, this.#ended.signal]);
    try {
      if (message.method === METHOD.listen) return await this.#subscribe(message, id, signal);
      const answered = await this.#deliver(await this.#open(message, signal), message, id);
      if (!answered) await this.#fail(id, 'The agent ended its answer without a result.');
    } catch (error) {
      if (!cancel.signal.aborted && !this.#ended.signal.aborted) await this.#fail(id, describe(error));
    } finally {
      if (this.#running.get(key) === cancel) this.#running.delete(key);
    }
  }

  /** A subscription outlives the connection: it is asked for again until the client or the agent ends it. */
  async #subscribe(message: Message, id: RpcId, signal: AbortSignal): Promise<void> {
    const { tell } = this.#options;
    for (let again = false; ; again = true) {
      try {
        const exchange = await this.#open(message, signal);
        if (again && exchange.status < 300) await this.#announceLists(message, id);
        const skip = again ? NOTIFICATION.subscriptionsAcknowledged : null;
        if (await this.#deliver(exchange, message, id, skip)) return;
      } catch (error) {
        if (signal.aborted || isConnectFailure(error)) throw error;
        tell(describe(error));
      }
      await delay(this.#retry.baseMs, undefined, { signal });
    }
  }

  /** It is not known what changed while the stream was down, so each subscribed list is announced as changed. */
  async #announceLists({ params }: Message, id: RpcId): Promise<void> {
    const wanted = isJsonObject(params['notifications']) ? params['notifications'] : {};
    for (const [kind, method] of LIST_CHANGES) {
      if (wanted[`${kind}ListChanged`] !== true) continue;
      await this.#options.write(JSON.stringify({ jsonrpc: '2.0', method, params: { _meta: { [META.subscriptionId]: id } } }));
    }
  }

  async #sendOneWay(message: Message): Promise<void> {
    const { status, messages } = await this.#open(message, this.#ended.signal);
    for await (const { text } of messages) {
      if (status >= 400) this.#options.tell(readRefusal(text) ?? `The agent answered with HTTP ${status}.`);
    }
  }

  #open(message: Message, signal: AbortSignal): Promise<Exchange> {
    if (message.revision === null) return this.#session.exchange(message, signal);
    return this.#post(message, { ...mirrorEnvelope(message), ...this.#schemas.mirror(message) }, signal);
  }

  /** Passes on every message of an exchange. True when the answer to the request was among them. */
  async #deliver(
    { status, messages }: Exchange,
    request: Message,
    id: RpcId,
    skipMethod: string | null = null,
  ): Promise<boolean> {
    for await (const { text } of messages) {
      const message = parseMessage(text);
      if (message && message.method !== null && message.method === skipMethod) continue;
      const isAnswer = message !== null && message.method === null && isSameId(message.id, id);
      if (isAnswer && status === 400 && (await this.#tryAgain(request, message, id))) return true;
      if (isAnswer && request.method === METHOD.listTools) this.#schemas.learn(readContent(message));
      if (message && (isAnswer || status < 300)) await this.#options.write(message.text);
      else {
        const reason = readRefusal(text) ?? `The agent answered with HTTP ${status}.`;
        this.#options.tell(reason);
        await this.#fail(id, reason, readCode(text));
      }
      if (isAnswer || status >= 300) return true;
    }
    if (status < 300) return false;
    await this.#fail(id, `The agent answered with HTTP ${status}.`);
    return true;
  }

  /** A call of a tool whose declared headers are not known yet: reads the tools and sends it once more. */
  async #tryAgain(request: Message, answer: Message, id: RpcId): Promise<boolean> {
    const error = readContent(answer)['error'];
    if (request.method !== METHOD.callTool || !isJsonObject(error) || error['code'] !== RpcCode.headerMismatch) return false;
    const before = JSON.stringify(this.#schemas.mirror(request));
    const { _meta } = request.params;
    const list = parseMessage(
      JSON.stringify({ jsonrpc: '2.0', id: 'gatehouse-connect', method: METHOD.listTools, params: { _meta } }),
    );
    if (!list) return false;
    const { messages } = await this.#post(list, mirrorEnvelope(list), this.#ended.signal);
    for await (const { text } of messages) {
      const page = parseMessage(text);
      if (page) this.#schemas.learn(readContent(page));
    }
    if (JSON.stringify(this.#schemas.mirror(request)) === before) return false;
    return this.#deliver(await this.#open(request, this.#ended.signal), request, id);
  }

  /** Sends a message, waiting for an agent that is just being restarted. Only what surely did nothing is sent again. */
  async #post(message: Message, headers: Record<string, string>, signal: AbortSignal): Promise<Exchange> {
    const { endpoint, tell } = this.#options;
    const startedAt = performance.now();
    const backoff = new Backoff(this.#retry);
    for (let isFirst = true; ; isFirst = false) {
      const last = performance.now() - startedAt > this.#retry.giveUpMs;
      try {
        const exchange = await endpoint.exchange('POST', { body: message.text, headers, signal });
        if (exchange.status !== 503 || last) return exchange;
        for await (const { text } of exchange.messages) if (isFirst) tell(readRefusal(text) ?? 'The agent is not ready.');
      } catch (error) {
        if (last || signal.aborted || !isConnectFailure(error)) throw error;
        if (isFirst) tell(`${describe(error)} Trying again.`);
      }
      await delay(backoff.takeDelay(), undefined, { signal });
    }
  }

  async #fail(id: RpcId, message: string, code: number = RpcCode.internal): Promise<void> {
    await this.#options.write(buildErrorLine(id, code, message));
  }
}

/** The message of an error answer; null when the text is none. */
function readRefusal(text: string): string | null {
  const message = readError(text)?.['message'];
  return typeof message === 'string' ? message : null;
}

function readCode(text: string): number {
  const code = readError(text)?.['code'];
  return typeof code === 'number' ? code : RpcCode.internal;
}

function readError(text: string) {
  const message = parseMessage(text);
  const error = message && readContent(message)['error'];
  return isJsonObject(error) ? error : null;
}
