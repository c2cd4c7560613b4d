import type { ServerHealth } from '@gatehouse/protocol/messages';
import type { SnapshotServer } from '@gatehouse/policy/snapshot';

import { connectUpstream, type Connection, type UpstreamDeps } from './connect.ts';
import { closedByServer, toUpstreamFailure, UpstreamFailure } from './failure.ts';
import { callOverHttp, type ToolCall } from './http-call.ts';
import { LiveDefinitions } from './live-definitions.ts';
import { RestartBackoff } from './restart-backoff.ts';
import { callOverStdio } from './stdio-call.ts';

/** A tool call together with the pin under which it was approved. */
export interface ApprovedCall extends ToolCall {
  pin: string;
}

interface Live {
  connection: Connection;
  definitions: LiveDefinitions;
}

type Health = Pick<ServerHealth, 'state' | 'error' | 'at'>;

export interface UpstreamOptions extends UpstreamDeps {
  now(): Date;
  /** removes held credentials */
  scrub(text: string): string;
}

/** One server of the configuration and, from its first call on, one connection to it. */
export class Upstream {
  /** replaced by an equal one when the configuration is */
  server: SnapshotServer;
  readonly #options: UpstreamOptions;
  readonly #closing = new AbortController();
  readonly #backoff: RestartBackoff | null;
  readonly #running = new Set<Promise<unknown>>();
  #live: Promise<Live> | null = null;
  #legacyOnly = false;
  #callCount = 0;
  #health: Health = { state: 'unused', error: null, at: null };

  constructor(server: SnapshotServer, options: UpstreamOptions) {
    this.server = server;
    this.#options = options;
    this.#backoff = server.transport.kind === 'stdio' ? new RestartBackoff(() => performance.now()) : null;
  }

  health(): Health {
    return this.#health;
  }

  /** Resolves when the server is connected, which includes its credential. Rejects with UpstreamFailure. */
  async open(signal: AbortSignal): Promise<void> {
    await this.#connected(signal);
  }

  /**
   * Sends one call and resolves with the result as the server sent it. Refused with `tool_not_approved` when the server's definition of the
   * tool is not the approved one at this moment. Rejects with UpstreamFailure.
   */
  async call(call: ApprovedCall, signal: AbortSignal): Promise<unknown> {
    const running = this.#callOnce(call, signal).catch((error: unknown) => {
      // an ended session refuses the call before running it, so it may be sent again, once
      if (error instanceof UpstreamFailure && error.status === 404) return this.#callOnce(call, signal);
      throw error;
    });
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Lets running calls end, then closes. */
  async retire(): Promise<void> {
    await Promise.allSettled(this.#running);
    await this.close();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    const live = this.#live;
    this.#live = null;
    await live?.then(
      ({ connection }) => connection.close(),
      () => undefined,
    );
  }

  async #callOnce(call: ApprovedCall, signal: AbortSignal): Promise<unknown> {
    const live = await this.#connected(signal);
    try {
      if ((await stoppable(live.definitions.pinOf(call.name), signal)) !== call.pin) {
        throw new UpstreamFailure(
          'tool_not_approved',
          'The server has changed this tool since it was approved. Ask for a new review.',
        );
      }
      return await this.#send(live.connection, call, signal);
    } catch (error) {
      const failure = toUpstreamFailure(live.connection.failure() ?? error, signal);
      if (isBroken(failure)) await this.#drop(live, failure);
      throw failure;
    }
  }

  #send(connection: Connection, call: ToolCall, signal: AbortSignal): Promise<unknown> {
    const { http } = connection;
    if (!http) return callOverStdio(connection, call, signal);
    return callOverHttp({ ...connection, http }, call, {
      id: `call-${(this.#callCount += 1)}`,
      signal,
      clientInfo: { name: 'gatehouse-agent', version: this.#options.agentVersion },
      onCancelled: (told) =>
        void told.catch((error: unknown) => this.#options.log.debug({ err: error }, 'cancellation not sent')),
    });
  }

  async #connected(signal: AbortSignal): Promise<Live> {
    if (!this.#live) this.#backoff?.check();
    this.#live ??= this.#connect();
    try {
      return await stoppable(this.#live, signal);
    } catch (error) {
      throw toUpstreamFailure(error, signal);
    }
  }

  /** Shared by all callers, so no caller's signal ends it. */
  async #connect(): Promise<Live> {
    try {
      let definitions: LiveDefinitions | null = null;
      const connection = await connectUpstream(this.server, this.#options, {
        signal: this.#closing.signal,
        legacyOnly: this.#legacyOnly,
        onToolsChanged: () => definitions?.changed(),
      });
      const live: Live = {
        connection,
        definitions: new LiveDefinitions({
          client: connection.client,
          clock: () => performance.now(),
          closing: this.#closing.signal,
          onLost: (error) => void this.#drop(live, toUpstreamFailure(error)),
        }),
      };
      definitions = live.definitions;
      connection.onLost(() => void this.#drop(live, toUpstreamFailure(connection.failure() ?? closedByServer())));
      this.#legacyOnly = this.server.transport.kind === 'stdio' && connection.era === 'legacy';
      this.#setHealth('connected', null);
      this.#backoff?.started();
      return live;
    } catch (error) {
      const failure = toUpstreamFailure(error);
      this.#options.log.warn({ server: this.server.slug, code: failure.code, err: failure }, 'upstream not connected');
      this.#live = null;
      this.#setHealth('unreachable', failure.message);
      this.#backoff?.failed();
      throw failure;
    }
  }

  /** Gives up a connection; the next call makes a new one. */
  async #drop(live: Live, failure: UpstreamFailure): Promise<void> {
    if ((await this.#live?.catch(() => null)) !== live) return;
    this.#live = null;
    this.#backoff?.failed();
    this.#setHealth('unreachable', failure.message);
    await live.connection.close().catch((error: unknown) => this.#options.log.debug({ err: error }, 'upstream not closed'));
  }

  #setHealth(state: Health['state'], error: string | null): void {
    const at = this.#options.now().toISOString();
    this.#health = { state, error: error && this.#options.scrub(error).slice(0, 300), at };
  }
}

/** Failures after which a connection is of no more use. */
function isBroken(failure: UpstreamFailure): boolean {
  return failure.code === 'upstream_unreachable' || failure.code === 'credential_unavailable' || failure.status === 404;
}

/** The promise, or a rejection as soon as the signal says so. */
async function stoppable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([promise, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
