import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import type { Attempt } from '../breaker.ts';
import {
  authorizerOf,
  connectLegacy,
  connectStdio,
  httpOptionsOf,
  probeHttp,
  withinConnectTime,
  type HttpTransport,
  type HttpVerdict,
  type UpstreamDeps,
} from './connect.ts';
import type { ClientFacts, Connection, ServerMessage } from './connection.ts';
import { toUpstreamFailure } from '../failure.ts';
import { agentFacts } from './introductions.ts';
import type { MemoryWatch } from '../stdio/memory-watch.ts';
import { ModernHttpConnection } from '../http/modern-http.ts';
import { PROCESS_LIMIT, type ProcessSlots } from '../stdio/process-slots.ts';

/** Key of a connection that all clients use. */
export const SHARED = '*';
/** A server that did not speak the newer protocol is asked again after this time: it may have been renewed. */
const LEGACY_VERDICT_MS = 60 * 60_000;
/** Silence is thin evidence: the process may only have been slow to start. */
const SILENT_VERDICT_MS = 60_000;
const PROCESS_IDLE_MINUTES = 10;

export interface Dialled {
  connection: Connection;
  /** several clients use it */
  shared: boolean;
  /** closed when nobody used it for this long, milliseconds */
  idleMs: number;
  /** to be called when it is closed */
  release: () => void;
}

export interface DialRequest {
  key: string;
  client: ClientFacts;
  signal: AbortSignal;
  onMessage: (message: ServerMessage) => void;
  /** Closes idle connections until `enough`. Rejects with this sentence when none is left that could go. */
  makeRoom: (enough: () => boolean, full: string) => Promise<void>;
}

/** What differs between the ways to a server: who shares a connection, and how one is made. */
export interface Dialer {
  /** The key of the connection for a client. Where the server has to be asked for that, `admit` is asked first. */
  keyFor(affinity: string, admit: () => Attempt): Promise<string> | string;
  /** Rejects with UpstreamFailure or the cause; then nothing is left open. */
  dial(request: DialRequest): Promise<Dialled>;
  /** A connection of the newer protocol broke: the server may not speak it any more. */
  forget(): void;
  close(): void;
}

export interface DialerOptions extends UpstreamDeps {
  limits: { idleMs: number; connections: number };
  slots: ProcessSlots;
  memory: MemoryWatch;
}

/** Throws for a REST server, which has no connections. */
export function openDialer(server: SnapshotServer, options: DialerOptions): Dialer {
  const { transport } = server;
  switch (transport.kind) {
    case 'http':
      return new HttpDialer(transport, options);
    case 'stdio':
      return new StdioDialer(server.slug, transport, options);
    case 'rest':
      throw new Error('a REST server is not dialled');
  }
}

class HttpDialer implements Dialer {
  readonly #transport: HttpTransport;
  readonly #options: DialerOptions;
  readonly #authorizer: ReturnType<typeof authorizerOf>;
  readonly #closing = new AbortController();
  #verdict: { value: HttpVerdict; at: number } | null = null;
  #probing: Promise<HttpVerdict> | null = null;

  constructor(transport: HttpTransport, options: DialerOptions) {
    this.#transport = transport;
    this.#options = options;
    this.#authorizer = authorizerOf(transport, options);
  }

  keyFor(affinity: string, admit: () => Attempt): Promise<string> | string {
    const keyOf = ({ era }: HttpVerdict) => (era === 'modern' ? SHARED : affinity);
    const known = this.#known();
    return known ? keyOf(known) : this.#probeOnce(admit).then(keyOf);
  }

  async dial({ key, client, signal, onMessage, makeRoom }: DialRequest): Promise<Dialled> {
    const { idleMs, connections } = this.#options.limits;
    const options = httpOptionsOf(this.#transport, this.#authorizer, this.#options, { message: onMessage });
    const verdict = this.#verdict?.value;
    const release = () => undefined;
    if (verdict?.era === 'modern' && key === SHARED) {
      return { connection: new ModernHttpConnection(options, verdict.facts), shared: true, idleMs, release };
    }
    await makeRoom(() => true, `All ${connections} connections to this server are in use. Try again later.`);
    const sse = verdict?.era === 'legacy' && verdict.sse;
    const made = await withinConnectTime(signal, (stop) => connectLegacy(options, client, { sse }, stop));
    if (made.sse && verdict?.era === 'legacy') verdict.sse = true;
    return { connection: made.connection, shared: false, idleMs, release };
  }

  forget(): void {
    this.#verdict = null;
  }

  close(): void {
    this.#closing.abort();
  }

  #known(): HttpVerdict | null {
    if (!this.#verdict) return null;
    const { value, at } = this.#verdict;
    return value.era === 'legacy' && performance.now() - at > LEGACY_VERDICT_MS ? null : value;
  }

  /** However many clients come at once, the server is asked once. */
  #probeOnce(admit: () => Attempt): Promise<HttpVerdict> {
    this.#probing ??= this.#probe(admit).finally(() => {
      this.#probing = null;
    });
    return this.#probing;
  }

  async #probe(admit: () => Attempt): Promise<HttpVerdict> {
    const facts = agentFacts(this.#options.agentVersion);
    const options = httpOptionsOf(this.#transport, this.#authorizer, this.#options, { message: () => undefined });
    let attempt: Attempt | null = null;
    try {
      attempt = admit();
      const value = await withinConnectTime(this.#closing.signal, (stop) => probeHttp(options, facts, stop));
      this.#verdict = { value, at: performance.now() };
      attempt.succeeded();
      return value;
    } catch (error) {
      const { code } = toUpstreamFailure(error);
      if (code === 'upstream_unreachable' || code === 'upstream_timeout') attempt?.failed();
      else attempt?.dropped();
      throw error;
    }
  }
}

type StdioTransport = Extract<SnapshotServer['transport'], { kind: 'stdio' }>;

class StdioDialer implements Dialer {
  readonly #slug: string;
  readonly #transport: StdioTransport;
  readonly #options: DialerOptions;
  /** until when the server is known to speak no newer protocol */
  #legacyUntil = Number.NEGATIVE_INFINITY;

  constructor(slug: string, transport: StdioTransport, options: DialerOptions) {
    this.#slug = slug;
    this.#transport = transport;
    this.#options = options;
  }

  keyFor(affinity: string): string {
    return this.#transport.processes === 'shared' ? SHARED : affinity;
  }

  async dial({ client, signal, onMessage, makeRoom }: DialRequest): Promise<Dialled> {
    const options = this.#options;
    const name = this.#transport.entry;
    const shared = this.#transport.processes === 'shared';
    const entry = await options.openStdioEntry(name);
    const most = entry.maxProcesses ?? PROCESS_LIMIT;
    let slot: (() => void) | null = null;
    await makeRoom(
      () => (slot ??= options.slots.take(name, most)) !== null,
      `All ${most} processes of the stdio entry "${name}" are in use. Try again later, or raise maxProcesses in the guardrails.`,
    );
    const release = () => slot?.();
    const legacyOnly = performance.now() < this.#legacyUntil;
    let verdictMs = LEGACY_VERDICT_MS;
    try {
      const connection = await withinConnectTime(signal, (stop) =>
        connectStdio({ slug: this.#slug }, entry, options, {
          // nobody in particular: what the server asked could reach the wrong client
          client: shared ? { info: agentFacts(options.agentVersion).info, capabilities: {} } : client,
          shared,
          legacyOnly,
          onSilent: () => (verdictMs = SILENT_VERDICT_MS),
          memory: options.memory,
          onMessage,
          signal: stop,
        }),
      );
      if (connection.era === 'legacy' && !legacyOnly) this.#legacyUntil = performance.now() + verdictMs;
      return { connection, shared, idleMs: (entry.idleMinutes ?? PROCESS_IDLE_MINUTES) * 60_000, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** A new process is asked again anyway. */
  forget(): void {}

  close(): void {}
}
