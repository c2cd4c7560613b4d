import { addAbortListener } from 'node:events';

import type { Logger } from 'pino';

import type { JsonObject } from '@gatehouse/policy/documents/json';

import type { Incoming, RpcAnswer, RpcId, ServerMessage } from '../../wire/json-rpc.ts';
import { readMessages, readSentNumber } from '../../wire/json-rpc.ts';
import { keepText } from '../../wire/json-text.ts';
import { getMeta, replaceProgressToken } from '../../wire/meta.ts';
import { META, METHOD, NOTIFICATION, RpcCode } from '../../wire/protocol.ts';
import { InFlight, runWithin } from '../abort.ts';
import {
  CallStopped,
  createAgentClosedFailure,
  describeCancellation,
  toUpstreamFailure,
  type UpstreamFailure,
} from '../failure.ts';
import {
  isListChange,
  noteListChange,
  type ClientFacts,
  type Connection,
  type McpRequest,
  type ServerFacts,
  type ServerListener,
} from './connection.ts';
import { FloodGate, limitRate } from './flood-gate.ts';
import { buildModernMeta, negotiateRevision, readDiscoverResult } from './initialize.ts';
import type { Pipe } from './pipe.ts';
import { ServerRequests } from './server-requests.ts';
import { watchReader } from './slow-reader.ts';

/** Notifications that belong to no request: of more in a second the newest is kept. */
const UNASKED_PER_SECOND = 1_000;
const FLUSH_MS = 1_000;

export interface PipeOptions {
  pipe: Pipe;
  client: ClientFacts;
  /** Several clients use the connection: then its server may ask nothing, and what cannot be attributed to one request is dropped. */
  shared: boolean;
  /** how long it is waited for what the server says of the newer protocol, milliseconds; null: it is known not to speak it */
  probeMs: number | null;
  listener: ServerListener;
  /** The server did not answer the probe, and is taken for one of the older protocol. It may just have been slow. */
  onSilent?: () => void;
  log: Logger;
}

interface Waiting {
  onAnswer: (answer: RpcAnswer) => void;
  gate: FloodGate;
  /** the progress token of the caller; the one on the wire is the id of the request */
  token: unknown;
}

/** The pipe broke while the newer protocol was asked for: some servers end on a question that they do not know. */
export class ProbeBroke extends Error {
  override readonly name = 'ProbeBroke';
}

/** Opens a pipe and finds out which protocol is spoken on it. Rejects with UpstreamFailure or ProbeBroke; then the pipe is closed. */
export async function connectPipe(options: PipeOptions, signal: AbortSignal): Promise<Connection> {
  const connection = new PipeConnection(options);
  try {
    await connection.open(signal);
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

class PipeConnection implements Connection {
  readonly #options: PipeOptions;
  readonly #waiting = new Map<number, Waiting>();
  readonly #inFlight = new InFlight();
  readonly #serverRequests: ServerRequests;
  readonly #unasked: FloodGate;
  #server: ServerFacts | null = null;
  #flushing: NodeJS.Timeout | null = null;
  #nextId = 1;
  #lost: UpstreamFailure | null = null;
  #onLost: ((failure: UpstreamFailure) => void) | null = null;
  #closing: Promise<void> | null = null;

  constructor(options: PipeOptions) {
    this.#options = options;
    this.#unasked = new FloodGate(
      (message) => this.#serverRequests.receive(message, options.listener.onMessage),
      limitRate(UNASKED_PER_SECOND),
    );
    this.#serverRequests = new ServerRequests({
      send: (id, answer) => this.#send({ id, ...answer }),
      note: (what) => options.log.info({ what }, 'a server was refused'),
      allowed: !options.shared,
    });
  }

  get server(): ServerFacts {
    if (!this.#server) throw new Error('not initialised');
    return this.#server;
  }

  async open(signal: AbortSignal): Promise<void> {
    const { pipe, probeMs } = this.#options;
    await pipe.open({ onMessage: (text) => this.#receive(text), onClosed: (failure) => this.#end(failure) }, signal);
    const said = probeMs === null ? null : await this.#probe(probeMs, signal);
    this.#server = said === null || said === 'nothing' ? await this.#initialize(said, signal) : said;
  }

  async request(request: McpRequest): Promise<RpcAnswer> {
    const flight = this.#inFlight.begin(request.signal);
    try {
      return await this.#ask({ ...request, signal: flight.signal });
    } finally {
      flight.end();
    }
  }

  notify(method: string, params?: JsonObject): Promise<void> {
    return this.#send({ method, ...(params && { params }) });
  }

  async answer(id: RpcId, answer: RpcAnswer): Promise<void> {
    if (this.#serverRequests.take(id)) await this.#send({ id, ...answer });
  }

  onLost(listener: (failure: UpstreamFailure) => void): void {
    if (this.#lost) listener(this.#lost);
    else this.#onLost = listener;
  }

  close(): Promise<void> {
    this.#onLost = null;
    this.#end(createAgentClosedFailure());
    return (this.#closing ??= this.#options.pipe.close());
  }

  /** Opens the older protocol. Who said nothing of the newer one was perhaps slow to start: where this is refused, that is asked once more. */
  async #initialize(said: 'nothing' | null, signal: AbortSignal): Promise<ServerFacts> {
    const ask = (params: JsonObject) => this.request({ method: METHOD.initialize, params, signal });
    try {
      const { facts } = await negotiateRevision(this.#options.client, null, ask);
      await this.notify(NOTIFICATION.initialized);
      return facts;
    } catch (error) {
      const late = said === null || this.#lost || signal.aborted ? null : await this.#discover(signal);
      if (!late) throw error;
      return late;
    }
  }

  /** What the server says about itself in the newer protocol; null when it does not speak it. */
  async #discover(signal: AbortSignal): Promise<ServerFacts | null> {
    const params = { _meta: buildModernMeta(this.#options.client, null) };
    return readDiscoverResult(await this.request({ method: METHOD.discover, params, signal }));
  }

  /** The same within a time in which some say nothing. */
  async #probe(probeMs: number, signal: AbortSignal): Promise<ServerFacts | 'nothing' | null> {
    try {
      return await runWithin(probeMs, signal, (stop) => this.#discover(stop));
    } catch (error) {
      signal.throwIfAborted();
      if (this.#lost) throw new ProbeBroke(this.#lost.message, { cause: this.#lost });
      if (!(error instanceof CallStopped)) throw error;
      this.#options.onSilent?.();
      return 'nothing';
    }
  }

  async #ask({ method, params, signal, onMessage, waitForReader }: McpRequest): Promise<RpcAnswer> {
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<RpcAnswer>();
    const { log } = this.#options;
    const receive = (message: ServerMessage) =>
      this.#serverRequests.receive(message, onMessage ?? this.#options.listener.onMessage);
    const pauseUntil = (over: Promise<void>) => this.#options.pipe.pauseUntil(over);
    const gate = new FloodGate(receive, watchReader({ waitForReader, pauseUntil }));
    const onAnswer = (answer: RpcAnswer) => {
      this.#waiting.delete(id);
      resolve(answer);
    };
    const stop = () => {
      this.#waiting.delete(id);
      reject(signal.reason);
      if (!this.#lost && method !== METHOD.initialize) this.#tellCancelled(id, signal);
    };
    using _listening = addAbortListener(signal, stop);
    try {
      const { token, params: sent } = replaceProgressToken(params, id);
      this.#waiting.set(id, { onAnswer, gate, token });
      this.#send({ id, method, params: sent }).catch(reject);
      return await promise;
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      this.#waiting.delete(id);
      gate.flush();
      if (gate.dropped > 0) log.warn({ dropped: gate.dropped, method }, 'a server sent too many notifications');
    }
  }

  #tellCancelled(requestId: number, signal: AbortSignal): void {
    const params = { requestId, reason: describeCancellation(signal.reason) };
    this.notify(NOTIFICATION.cancelled, params).catch((error: unknown) =>
      this.#options.log.debug({ err: error }, 'a cancellation was not sent'),
    );
  }

  #receive(text: string): void {
    const { log } = this.#options;
    for (const incoming of this.#read(text)) {
      if (incoming.kind === 'message') this.#attribute(incoming.message);
      else {
        const waiting = this.#findWaiting(incoming.id);
        if (!waiting) log.warn('a server sent an answer that nobody waits for');
        else waiting.onAnswer(incoming.kind === 'answer' ? incoming.answer : MALFORMED);
      }
    }
  }

  /** Of a message that has more parts than are read nobody knows which request it answers. */
  #read(text: string): Incoming[] {
    try {
      return readMessages(text);
    } catch (error) {
      this.#end(toUpstreamFailure(error));
      void this.close();
      return [];
    }
  }

  /** Hands a message to the request that its progress token or subscription names; without one, to the newest that it can belong to. */
  #attribute(message: ServerMessage): void {
    const { params, method } = message;
    noteListChange(this.#options.listener, message);
    if (method === NOTIFICATION.progress) {
      const waiting = this.#findWaiting(params?.['progressToken']);
      if (!params || waiting?.token === undefined) return;
      return waiting.gate.take({ method, params: keepText({ ...params, progressToken: waiting.token }, params) });
    }
    const subscription = params && this.#findWaiting(getMeta(params)[META.subscriptionId]);
    if (subscription) return subscription.gate.take(message);
    if (isChange(method)) return this.#takeUnasked(message);
    const newest = this.#findNewest();
    if (newest) newest.gate.take(message);
    else this.#takeUnasked(message);
  }

  /** What is held back of it goes out a second later at the latest. */
  #takeUnasked(message: ServerMessage): void {
    this.#unasked.take(message);
    if (!this.#unasked.isHolding) return;
    this.#flushing ??= setTimeout(() => {
      this.#flushing = null;
      this.#unasked.flush();
    }, FLUSH_MS).unref();
  }

  #findWaiting(wireId: unknown): Waiting | undefined {
    const id = readSentNumber(wireId);
    return id === null ? undefined : this.#waiting.get(id);
  }

  /** The request that a message without a token belongs to. On a shared connection only if it is the only one, so that no other client gets it. */
  #findNewest(): Waiting | undefined {
    if (this.#options.shared && this.#waiting.size !== 1) return undefined;
    return [...this.#waiting.values()].at(-1);
  }

  async #send(message: JsonObject): Promise<void> {
    if (this.#lost) throw this.#lost;
    await this.#options.pipe.send({ jsonrpc: '2.0', ...message });
  }

  #end(failure: UpstreamFailure): void {
    if (this.#lost) return;
    this.#lost = failure;
    if (this.#flushing) clearTimeout(this.#flushing);
    this.#inFlight.end(failure);
    this.#onLost?.(failure);
  }
}

const MALFORMED: RpcAnswer = {
  error: { code: RpcCode.internal, message: 'The server answered with something that is neither a result nor an error.' },
};

/** Whether a notification announces a change, and so belongs to no request. */
function isChange(method: string): boolean {
  return isListChange(method) || method === NOTIFICATION.resourceUpdated || method === NOTIFICATION.elicitationComplete;
}
