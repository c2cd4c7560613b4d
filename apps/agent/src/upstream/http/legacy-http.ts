import { setTimeout as delay } from 'node:timers/promises';

import type { JsonObject } from '@gatehouse/policy/documents/json';

import type { OutboundAnswer } from '../../outbound/outbound.ts';
import type { RpcAnswer, RpcError, RpcId, ServerMessage } from '../../wire/json-rpc.ts';
import { writeBody } from '../../wire/json-text.ts';
import { restoreProgressToken } from '../../wire/meta.ts';
import { HEADER, METHOD, NOTIFICATION } from '../../wire/protocol.ts';
import { InFlight } from '../abort.ts';
import { noteListChange, type ClientFacts, type Connection, type McpRequest, type ServerFacts } from '../client/connection.ts';
import { negotiateRevision } from '../client/initialize.ts';
import { ServerRequests } from '../client/server-requests.ts';
import { createAgentClosedFailure, describeCancellation, SessionEnded, toStatusFailure, UpstreamFailure } from '../failure.ts';
import { DEFAULT_RETRY_MS } from './event-stream.ts';
import { keepListening } from './get-stream.ts';
import { readHttpAnswer, describeMissingAnswer, type ReadAnswer } from './http-answer.ts';
import type { HttpEndpoint } from './http-endpoint.ts';
import { findSessionEnd, toSessionFailure } from './session-end.ts';

const CLOSE_MS = 5_000;
const MOST_RESUMPTIONS = 100;
const BOTH_TYPES = 'application/json, text/event-stream';

/**
 * Connects in the older protocol's way. `revision`: the one that the server took before. Rejects with UpstreamFailure (`status` as the server
 * answered) or the error of the network.
 */
export async function connectLegacyHttp(
  options: HttpEndpoint,
  client: ClientFacts,
  revision: string | null,
  signal: AbortSignal,
): Promise<{ connection: Connection; revision: string; keepsSession: boolean }> {
  const connection = new LegacyHttpConnection(options);
  try {
    const taken = await connection.initialize(client, revision, signal);
    return { connection, revision: taken, keepsSession: connection.keepsSession };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** For whom a request is sent. */
type Wait = Pick<McpRequest, 'signal' | 'onNoRoom'>;

/** Streamable HTTP of 2025-03-26 to 2025-11-25: a session, one POST per request, a GET stream for everything else. */
class LegacyHttpConnection implements Connection {
  readonly #options: HttpEndpoint;
  readonly #inFlight = new InFlight();
  readonly #closing = new AbortController();
  readonly #serverRequests: ServerRequests;
  #server: ServerFacts | null = null;
  #sessionId: string | null = null;
  /** cancellations on their way, which a connection that closes waits for */
  readonly #telling = new Set<Promise<void>>();
  #nextId = 1;

  constructor(options: HttpEndpoint) {
    this.#options = options;
    this.#serverRequests = new ServerRequests({
      send: (id, answer) => this.#tell({ id, ...answer }),
      note: (what) => options.log.info({ what }, 'a server was refused'),
      allowed: true,
    });
  }

  get server(): ServerFacts {
    if (!this.#server) throw new Error('not initialised');
    return this.#server;
  }

  /** False: the server knows no session, so it can ask nobody. */
  get keepsSession(): boolean {
    return this.#sessionId !== null;
  }

  /** Resolves with the revision that was asked for. */
  async initialize(client: ClientFacts, revision: string | null, signal: AbortSignal): Promise<string> {
    const { facts, asked } = await negotiateRevision(client, revision, async (params) => {
      // what it answered to another revision may have opened a session, which nobody would use
      await this.#endSession();
      return this.request({ method: METHOD.initialize, params, signal });
    });
    this.#server = facts;
    const flight = this.#inFlight.begin(signal);
    try {
      await this.#tell({ method: NOTIFICATION.initialized }, flight.signal);
    } finally {
      flight.end();
    }
    const { listener } = this.#options;
    void keepListening({
      open: (lastEventId) => this.#get(lastEventId, { signal: this.#closing.signal }),
      onMessage: (message) => {
        noteListChange(listener, message);
        this.#serverRequests.receive(message, listener.onMessage);
      },
      signal: this.#closing.signal,
      log: this.#options.log,
    });
    return asked;
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
    return this.#tell({ method, ...(params && { params }) });
  }

  async answer(id: RpcId, answer: RpcAnswer): Promise<void> {
    if (this.#serverRequests.take(id)) await this.#tell({ id, ...answer });
  }

  /** HTTP has no lasting connection: only the next request notices that the server is gone. */
  onLost(): void {}

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#inFlight.end(createAgentClosedFailure());
    await Promise.all(this.#telling);
    await this.#endSession();
  }

  /** Nothing happens where there is none. Never rejects. */
  async #endSession(): Promise<void> {
    if (this.#sessionId === null) return;
    const headers = this.#buildHeaders();
    this.#sessionId = null;
    try {
      const signal = AbortSignal.timeout(CLOSE_MS);
      const response = await this.#options.send(this.#options.url, { method: 'DELETE', headers, signal });
      await response.body.dump();
    } catch (error) {
      this.#options.log.debug({ err: error }, 'the session of a server was not ended');
    }
  }

  async #ask(request: McpRequest): Promise<RpcAnswer> {
    const { method, params, signal, onMessage = this.#options.listener.onMessage, onNoRoom, waitForReader } = request;
    const wait = { signal, onNoRoom };
    const id = this.#nextId++;
    let accepted = false;
    try {
      const response = await this.#post({ id, method, params }, wait);
      if (method === METHOD.initialize) this.#sessionId = response.headers[HEADER.sessionId] ?? null;
      const take = (message: ServerMessage) => {
        noteListChange(this.#options.listener, message);
        this.#serverRequests.receive(restoreProgressToken(message, params), onMessage);
      };
      const reader = { id, onMessage: take, waitForReader, isHandshake: method === METHOD.initialize, log: this.#options.log };
      let read = await readHttpAnswer(response, reader);
      for (let times = 0; read.answer === null && read.cursor !== null && times < MOST_RESUMPTIONS; times += 1) {
        accepted = true;
        read = await this.#resume(read, reader, wait);
      }
      if (read.answer === null)
        throw method === METHOD.initialize ? createNotMcpFailure(read.words) : describeMissingAnswer(read.words);
      if ('error' in read.answer && method !== METHOD.initialize)
        await this.#refuseEndedSession(read.answer.error, { status: response.status, accepted, method, signal });
      return read.answer;
    } catch (error) {
      // a closed request does not stop the work in this protocol; initialize must not be cancelled
      if (signal.aborted && method !== METHOD.initialize && !this.#closing.signal.aborted) this.#tellCancelled(id, signal);
      signal.throwIfAborted();
      if (!(error instanceof UpstreamFailure) || method === METHOD.initialize) throw error;
      throw toSessionFailure(error, { inSession: this.#sessionId !== null, accepted, stateful: true });
    }
  }

  /** The server closed the stream of a request, but can be asked for the rest. */
  async #resume(
    read: Extract<ReadAnswer, { answer: null }>,
    reader: Parameters<typeof readHttpAnswer>[1],
    wait: Wait,
  ): Promise<ReadAnswer> {
    await delay(read.cursor?.retryMs ?? DEFAULT_RETRY_MS, undefined, { signal: wait.signal });
    const response = await this.#get(read.cursor?.lastEventId ?? null, wait);
    const next = await readHttpAnswer(response, reader);
    return next.answer === null && next.cursor === null ? { ...next, cursor: read.cursor } : next;
  }

  /** Rejects with SessionEnded when an error of the server says that. Where it may be a tool that says it, a ping shows whose session it is. */
  async #refuseEndedSession(
    error: RpcError,
    { status, accepted, method, signal }: { status: number; accepted: boolean; method: string; signal: AbortSignal },
  ): Promise<void> {
    const found = findSessionEnd(error, status, { inSession: this.#sessionId !== null, accepted });
    if (!found) return;
    if (found.sure || method === METHOD.ping || (await this.#isSessionOver(signal))) throw found.ended;
  }

  async #isSessionOver(signal: AbortSignal): Promise<boolean> {
    try {
      await this.#ask({ method: METHOD.ping, params: {}, signal });
      return false;
    } catch (error) {
      if (error instanceof SessionEnded) return true;
      throw error;
    }
  }

  #tellCancelled(requestId: number, signal: AbortSignal): void {
    const params = { requestId, reason: describeCancellation(signal.reason) };
    const telling = this.#tell({ method: NOTIFICATION.cancelled, params }, AbortSignal.timeout(CLOSE_MS))
      .catch((error: unknown) => this.#options.log.debug({ err: error }, 'a cancellation was not sent'))
      .finally(() => this.#telling.delete(telling));
    this.#telling.add(telling);
  }

  /** A notification, or the answer to a question of the server. */
  async #tell(message: JsonObject, signal?: AbortSignal): Promise<void> {
    const response = await this.#post(message, { signal: signal ?? this.#closing.signal });
    await response.body.dump();
    if (response.status >= 400) throw toStatusFailure(response.status);
  }

  #post(message: JsonObject, wait: Wait): Promise<OutboundAnswer> {
    return this.#options.send(this.#options.url, {
      method: 'POST',
      headers: { ...this.#buildHeaders(), 'content-type': 'application/json', accept: BOTH_TYPES },
      body: writeBody({ jsonrpc: '2.0', ...message }),
      ...wait,
    });
  }

  #get(lastEventId: string | null, wait: Wait): Promise<OutboundAnswer> {
    const headers = {
      ...this.#buildHeaders(),
      accept: 'text/event-stream',
      ...(lastEventId !== null && { 'last-event-id': lastEventId }),
    };
    return this.#options.send(this.#options.url, { method: 'GET', headers, ...wait });
  }

  #buildHeaders(): Record<string, string> {
    return {
      ...(this.#server && { [HEADER.protocolVersion]: this.#server.protocolVersion }),
      ...(this.#sessionId !== null && { [HEADER.sessionId]: this.#sessionId }),
    };
  }
}

function createNotMcpFailure(words: string): UpstreamFailure {
  return new UpstreamFailure('upstream_protocol', 'The server does not speak MCP: it did not answer initialize.', { words });
}
