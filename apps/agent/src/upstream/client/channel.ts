import { setTimeout as delay } from 'node:timers/promises';

import type { Logger } from 'pino';

import type { JsonObject } from '@gatehouse/policy/documents/json';

import type { RpcAnswer, RpcId, ServerMessage } from '../../wire/json-rpc.ts';
import { LOG_LEVELS, METHOD, NOTIFICATION, RpcCode, type Era } from '../../wire/protocol.ts';
import type { UpstreamClient } from '../conversation.ts';
import {
  createAgentClosedFailure,
  NotSent,
  SessionEnded,
  toUpstreamFailure,
  type TimedRequest,
  type UpstreamFailure,
} from '../failure.ts';
import { ChangeGate } from './change-gate.ts';
import { ChangeListener } from './change-listener.ts';
import { isListChange, type ClientFacts, type Connection, type McpRequest } from './connection.ts';
import { buildModernMeta } from './initialize.ts';
import { LISTS } from './list-pages.ts';
import { LiveDefinitions, type LiveDefinitionsOptions } from './live-definitions.ts';
import { TOO_MANY_SUBSCRIPTIONS, type ResourceSubscriptions } from './resource-subscriptions.ts';

export interface ChannelOptions {
  serverId: string;
  connection: Connection;
  /** the client that requests of the agent itself name, in the newer protocol */
  facts: ClientFacts;
  /** several clients use it */
  shared: boolean;
  /** stale when nobody used it for this long, milliseconds */
  idleMs: number;
  /** those who use it now; by affinity */
  getClients: () => ReadonlyMap<string, UpstreamClient>;
  /** outlive the connection: the next one subscribes again */
  subscriptions: ResourceSubscriptions;
  /** the server has listed what it defines */
  onListed: LiveDefinitionsOptions['onListed'];
  /** the server has said that a list of its has changed */
  onAnnounced: () => void;
  findIgnored: LiveDefinitionsOptions['findIgnored'];
  /** a list of the server could not be read */
  onListFailed: (failure: UpstreamFailure) => void;
  onClosed: () => void;
  /** tells the age of what the server listed; monotonic, milliseconds */
  readClock: () => number;
  /** how long the server may take to list what it defines */
  timed: TimedRequest;
  log: Logger;
}

/** A connection in use: what its server defines at this moment, who hears what it says of its own accord, and when it was used last. */
export class Channel {
  readonly connection: Connection;
  readonly definitions: LiveDefinitions;
  readonly #options: ChannelOptions;
  readonly #closing = new AbortController();
  readonly #subscriptions: ResourceSubscriptions;
  readonly #changes: ChangeGate;
  readonly #listener: ChangeListener | null;
  /** waited for by those who close it when no request is under way */
  #draining: PromiseWithResolvers<void> | null = null;
  #busy = 0;
  #retired = false;
  #level = Number.POSITIVE_INFINITY;
  #usedAt = performance.now();

  constructor(options: ChannelOptions) {
    const { connection, log } = options;
    this.connection = connection;
    this.#options = options;
    this.#subscriptions = options.subscriptions;
    this.#changes = new ChangeGate((message) => this.#tell(this.#options.getClients().values(), message));
    this.definitions = new LiveDefinitions({
      era: connection.server.era,
      ask: (kind, request) => this.#askForPage(LISTS[kind].capability, request),
      readClock: options.readClock,
      timed: options.timed,
      wait: (milliseconds, signal) => delay(milliseconds, undefined, { signal, ref: false }),
      closing: this.#closing.signal,
      onListed: options.onListed,
      findIgnored: options.findIgnored,
      onFailed: (error) => {
        const failure = toUpstreamFailure(error, this.#closing.signal);
        log.debug({ code: failure.code, err: failure }, 'a list of a server could not be read');
        options.onListFailed(failure);
      },
    });
    this.#listener =
      connection.server.era === 'legacy'
        ? null
        : new ChangeListener({
            connection,
            meta: this.#buildOwnMeta(),
            listUris: () => this.#subscriptions.listUris(),
            onMessage: (message) => this.receive(message),
            onResumed: () => {
              this.definitions.invalidate();
              options.onAnnounced();
            },
            log,
          });
    if (connection.server.era === 'legacy') this.#restore();
  }

  get busy(): boolean {
    return this.#busy > 0;
  }

  /** Milliseconds since it was used last, and 0 while it is used. */
  getIdleMs(): number {
    return this.busy ? 0 : performance.now() - this.#usedAt;
  }

  isStale(): boolean {
    return this.getIdleMs() > this.#options.idleMs;
  }

  /** Takes no new requests from now on; called before it is closed. */
  retire(): void {
    this.#retired = true;
  }

  /** Begins a use of the connection; `endUse` has to follow. Throws NotSent once it was retired. */
  beginUse(): void {
    if (this.#retired) throw new NotSent(createAgentClosedFailure());
    this.#busy += 1;
  }

  endUse(): void {
    this.#busy -= 1;
    this.#usedAt = performance.now();
    if (!this.busy) this.#draining?.resolve();
  }

  /** Resolves when no request is under way. */
  async waitUntilDrained(): Promise<void> {
    if (this.busy) await (this.#draining ??= Promise.withResolvers<void>()).promise;
  }

  /** The server said, on whatever stream, that a list of its has changed: that counts for the next call. */
  noteListChange(method: string): void {
    this.definitions.noteNotification(method);
    this.#options.onAnnounced();
  }

  /** What the server says outside of any request. */
  receive(message: ServerMessage): void {
    const { getClients, shared } = this.#options;
    if (isListChange(message.method)) return this.#changes.take(message);
    if (message.method === NOTIFICATION.resourceUpdated) {
      const uri = message.params?.['uri'];
      const wanted = typeof uri === 'string' ? this.#subscriptions.listClients(uri) : new Set<string>();
      return this.#tell(
        [...getClients()].filter(([affinity]) => !shared || wanted.has(affinity)).map(([, client]) => client),
        message,
      );
    }
    // on a shared connection it is not known which client such a message is for
    if (!shared) this.#tell(getClients().values(), message);
  }

  /** `resources/subscribe`, whatever the era of the connection calls it. `ask` sends it on where it has to be. */
  async subscribe(uri: string, affinity: string, ask: () => Promise<RpcAnswer>): Promise<RpcAnswer> {
    const added = this.#subscriptions.add(uri, affinity);
    if (!added) return TOO_MANY_SUBSCRIPTIONS;
    if (this.#listener) this.#listener.refresh();
    else if (added.first) {
      const answer = await ask();
      if ('error' in answer) this.#subscriptions.remove(uri, affinity);
      return answer;
    }
    return { result: {} };
  }

  async unsubscribe(uri: string, affinity: string, ask: () => Promise<RpcAnswer>): Promise<RpcAnswer> {
    const { last } = this.#subscriptions.remove(uri, affinity);
    if (!last) return { result: {} };
    if (!this.#listener) return ask();
    this.#listener.refresh();
    return { result: {} };
  }

  /** `logging/setLevel`. A shared connection keeps the most talkative level that any of its clients asked for. */
  async setLevel(level: string, ask: () => Promise<RpcAnswer>): Promise<RpcAnswer> {
    const rank = LOG_LEVELS.indexOf(level);
    const known = this.#options.shared && rank !== -1 && rank >= this.#level;
    if (known) return { result: {} };
    const answer = await ask();
    if ('result' in answer && rank !== -1) this.#level = rank;
    return answer;
  }

  /** A client of a shared connection is gone. */
  forget(affinity: string): void {
    const unwanted = this.#subscriptions.removeClient(affinity);
    if (unwanted.length === 0) return;
    this.#listener?.refresh();
    if (!this.#listener) for (const uri of unwanted) this.#ask(METHOD.unsubscribe, { uri });
  }

  /** Asks again, on a new connection of the older protocol, for what the clients had asked for on the one before. */
  #restore(): void {
    for (const uri of this.#subscriptions.listUris()) this.#ask(METHOD.subscribe, { uri });
    const { shared, getClients } = this.#options;
    const [client] = getClients().values();
    const level = shared || !client ? null : client.getLogLevel();
    if (level !== null && this.connection.server.capabilities['logging'] !== undefined) this.#ask(METHOD.setLogLevel, { level });
  }

  #ask(method: string, params: JsonObject): void {
    this.connection
      .request({ method, params, signal: this.#closing.signal })
      .catch((error: unknown) => this.#options.log.debug({ err: error, method }, 'a request of the agent itself failed'));
  }

  /** Resolves when nothing of it is left running. */
  async close(): Promise<void> {
    // a call that waits for a list was not sent, so it may go by another connection
    this.#closing.abort(new NotSent(createAgentClosedFailure()));
    this.#listener?.close();
    this.#changes.close();
    try {
      await this.connection.close();
    } finally {
      this.#options.onClosed();
    }
  }

  #buildOwnMeta(): JsonObject {
    return buildModernMeta(this.#options.facts, null);
  }

  /** A list of which the server declares nothing, and which it does not know either, is empty. */
  async #askForPage(capability: string, request: McpRequest): Promise<RpcAnswer> {
    const { connection } = this.#options;
    const isModern = connection.server.era === 'modern';
    const params = isModern ? { ...request.params, _meta: this.#buildOwnMeta() } : request.params;
    const answer = await connection.request({ ...request, params });
    const none = 'error' in answer && connection.server.capabilities[capability] === undefined;
    return none ? { error: { code: RpcCode.methodNotFound, message: answer.error.message } } : answer;
  }

  #tell(clients: Iterable<UpstreamClient>, message: ServerMessage): void {
    const { serverId, log } = this.#options;
    const { id } = message;
    const answer = id === undefined ? null : (given: RpcAnswer) => this.#answer(id, given);
    for (const client of clients) {
      try {
        client.onMessage(serverId, message, answer);
      } catch (error) {
        log.error({ err: error }, 'a message of a server was not passed on');
      }
    }
  }

  #answer(id: RpcId, answer: RpcAnswer): void {
    this.connection
      .answer(id, answer)
      .catch((error: unknown) => this.#options.log.debug({ err: error }, 'a question of a server was not answered'));
  }
}

/** Whether a failure means that the connection is of no more use. */
export function isBroken(failure: UpstreamFailure, era: Era): boolean {
  const { code, status } = failure;
  if (failure instanceof SessionEnded) return true;
  // one request that a server could not serve, or did not allow, says nothing about its session
  if (status === 403 || (status !== null && status >= 500)) return false;
  if (code === 'upstream_unreachable' || code === 'credential_unavailable' || status === 404) return true;
  // a server that was modern and does not know the protocol any more
  return era === 'modern' && status !== null && [400, 405].includes(status);
}
