import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import { Channel, isBroken } from './client/channel.ts';
import type { UpstreamDeps } from './client/connect.ts';
import type { RpcAnswer } from './client/connection.ts';
import type { Conversation, UpstreamClient } from './conversation.ts';
import { openDialer, type DialRequest, type Dialer } from './client/dialer.ts';
import { closedByUs, toUpstreamFailure, UpstreamFailure } from './failure.ts';
import { agentFacts } from './client/introductions.ts';
import type { MemoryWatch } from './stdio/memory-watch.ts';
import type { ProcessSlots } from './stdio/process-slots.ts';
import { ResourceSubscriptions } from './client/resource-subscriptions.ts';
import { stoppable } from './stoppable.ts';
import { UpstreamConversation, type ChannelSource } from './client/upstream-conversation.ts';
import { Vitals, type Health } from './health.ts';

/** One server of the configuration, whatever kind it is. */
export interface ServedUpstream {
  /** replaced by an equal one when the configuration is */
  server: SnapshotServer;
  /** Resolves when the server can be used, which includes its credential. Rejects with UpstreamFailure. */
  open(client: UpstreamClient, signal: AbortSignal): Promise<Conversation>;
  health(): Health;
  /** The client is gone: what was kept for it alone is closed. */
  endClient(affinity: string): void;
  /** Closes what nobody used for long. */
  sweep(): void;
  /** Lets running calls end, then closes. */
  retire(): Promise<void>;
  /** Resolves when every connection is closed and every process has ended. */
  close(): Promise<void>;
}

export interface UpstreamLimits {
  /** a connection over HTTP that nobody used for this long is closed, milliseconds */
  idleMs: number;
  /** connections to one server over HTTP */
  connections: number;
}

export const UPSTREAM_LIMITS: UpstreamLimits = { idleMs: 30 * 60_000, connections: 1_000 };

/** Clients of one server that may be told of changes. */
const MOST_CLIENTS = 10_000;

export interface UpstreamOptions extends UpstreamDeps {
  /** removes held credentials */
  scrub: (text: string) => string;
  limits: UpstreamLimits;
  slots: ProcessSlots;
  memory: MemoryWatch;
}

interface Entry {
  channel: Promise<Channel>;
  /** null while it is being made */
  ready: Channel | null;
  stop: AbortController;
}

/** One MCP server of the configuration and the connections to it: one for all clients, or one for each where the server keeps state. */
export class Upstream implements ServedUpstream, ChannelSource {
  server: SnapshotServer;
  readonly #options: UpstreamOptions;
  readonly #dialer: Dialer;
  readonly #vitals: Vitals;
  /** by the affinity of their client; `SHARED` for one that all use */
  readonly #entries = new Map<string, Entry>();
  readonly #subscriptions = new Map<string, ResourceSubscriptions>();
  /** by affinity, the longest unused first */
  readonly #clients = new Map<string, { client: UpstreamClient }>();
  readonly #running = new Set<Promise<unknown>>();
  /** connections that are being closed */
  readonly #ending = new Set<Promise<void>>();
  /** connections that take no more requests, but have some under way */
  readonly #draining = new Set<Channel>();
  #closed = false;

  constructor(server: SnapshotServer, options: UpstreamOptions) {
    this.server = server;
    this.#options = options;
    this.#dialer = openDialer(server, options);
    this.#vitals = new Vitals(server, options);
  }

  health(): Health {
    return this.#vitals.health([...this.#entries.values()].filter(({ ready }) => ready !== null).length);
  }

  async open(client: UpstreamClient, signal: AbortSignal): Promise<Conversation> {
    return new UpstreamConversation(this, client, await this.channelFor(client, signal));
  }

  async channelFor(client: UpstreamClient, signal: AbortSignal): Promise<Channel> {
    const { affinity } = client;
    const user = this.#noteClient(client);
    try {
      const key = await stoppable(
        this.#dialer.keyFor(affinity, () => this.#vitals.admit()),
        signal,
      );
      // the client ended meanwhile: nothing is to be opened for it any more
      if (this.#clients.get(affinity) !== user) throw closedByUs();
      const entry = this.#entries.get(key) ?? this.#connect(key, client);
      return entry.ready ?? (await stoppable(entry.channel, signal));
    } catch (error) {
      throw this.#explain(error, signal);
    }
  }

  serves({ affinity }: UpstreamClient): boolean {
    return this.#clients.has(affinity);
  }

  async carry(channel: Channel, signal: AbortSignal, task: () => Promise<RpcAnswer>): Promise<RpcAnswer> {
    const attempt = this.#vitals.admit();
    const running = channel.use(task);
    this.#running.add(running);
    try {
      const answer = await running;
      attempt.succeeded();
      return answer;
    } catch (error) {
      const failure = toUpstreamFailure(error, signal);
      this.#vitals.requestFailed(attempt, failure);
      if (isBroken(failure, channel.connection.era)) this.#drop(channel, failure);
      throw failure;
    } finally {
      this.#running.delete(running);
    }
  }

  endClient(affinity: string): void {
    this.#clients.delete(affinity);
    this.#subscriptions.delete(affinity);
    const own = this.#entries.get(affinity);
    if (own) void this.#end(affinity, own);
    for (const { ready } of this.#entries.values()) ready?.forget(affinity);
  }

  sweep(): void {
    for (const [key, entry] of this.#entries) {
      if (entry.ready?.isStale()) void this.#end(key, entry);
    }
  }

  async retire(): Promise<void> {
    await Promise.allSettled(this.#running);
    await this.close();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#dialer.close();
    for (const [key, entry] of this.#entries) void this.#end(key, entry);
    await Promise.allSettled([...this.#draining].map((channel) => channel.close()));
    await Promise.allSettled(this.#ending);
  }

  /** Clients of the newer protocol have no end of their own: the longest unused ones are forgotten when there are too many. */
  #noteClient(client: UpstreamClient): { client: UpstreamClient } {
    const { affinity } = client;
    const user = Object.assign(this.#clients.get(affinity) ?? {}, { client });
    this.#clients.delete(affinity);
    this.#clients.set(affinity, user);
    const [longest] = this.#clients.keys();
    if (this.#clients.size > MOST_CLIENTS && longest !== undefined) this.endClient(longest);
    return user;
  }

  #connect(key: string, client: UpstreamClient): Entry {
    if (this.#closed) throw closedByUs();
    const attempt = this.#vitals.admit();
    const stop = new AbortController();
    const entry: Entry = { channel: this.#makeChannel(key, client, stop.signal), ready: null, stop };
    this.#entries.set(key, entry);
    entry.channel.then(
      (channel) => {
        entry.ready = channel;
        attempt.succeeded();
        this.#vitals.connected(channel.connection.protocolVersion);
        channel.connection.onLost((failure) => this.#drop(channel, failure));
      },
      (error: unknown) => {
        if (this.#entries.get(key) === entry) this.#entries.delete(key);
        const failure = toUpstreamFailure(error);
        if (stop.signal.aborted) return attempt.dropped();
        this.#vitals.connectFailed(attempt, failure);
        this.#options.log.warn({ server: this.server.slug, code: failure.code, err: failure }, 'upstream not connected');
      },
    );
    return entry;
  }

  /** Shared by all callers, so no caller's signal ends it. */
  async #makeChannel(key: string, client: UpstreamClient, signal: AbortSignal): Promise<Channel> {
    let channel: Channel | null = null;
    const { connection, shared, idleMs, release } = await this.#dialer.dial({
      key,
      client: client.facts,
      signal,
      onMessage: (message) => channel?.receive(message),
      makeRoom: (enough, full) => this.#makeRoom(key, enough, full),
    });
    const subscriptions = this.#subscriptions.get(key) ?? new ResourceSubscriptions();
    this.#subscriptions.set(key, subscriptions);
    const made: Channel = new Channel({
      serverId: this.server.id,
      connection,
      facts: agentFacts(this.#options.agentVersion),
      shared,
      idleMs,
      subscriptions,
      clients: () => this.#clientsOf(key, shared),
      onBroken: (error) => this.#drop(made, toUpstreamFailure(error)),
      onClosed: release,
      log: this.#options.log,
    });
    channel = made;
    return made;
  }

  /** Room for one more connection: the longest idle ones go. Rejects when all are in use. */
  async #makeRoom(key: string, ...[enough, full]: Parameters<DialRequest['makeRoom']>): Promise<void> {
    const others = () => [...this.#entries].filter(([other]) => other !== key);
    while (others().length >= this.#options.limits.connections || !enough()) {
      const idle = others().filter(([, { ready }]) => ready && !ready.busy);
      const [longest] = idle.toSorted(([, a], [, b]) => (b.ready?.idleMs() ?? 0) - (a.ready?.idleMs() ?? 0));
      if (longest) await this.#end(...longest);
      else if (this.#ending.size > 0) await Promise.race(this.#ending);
      else throw new UpstreamFailure('upstream_unreachable', full, { byUs: true });
    }
  }

  #clientsOf(key: string, shared: boolean): ReadonlyMap<string, UpstreamClient> {
    const own = this.#clients.get(key);
    if (shared) return new Map([...this.#clients].map(([affinity, { client }]) => [affinity, client]));
    return new Map(own ? [[key, own.client]] : []);
  }

  /** Gives up a connection that broke; the next call makes a new one. */
  #drop(channel: Channel, failure: UpstreamFailure): void {
    const [key, entry] = [...this.#entries].find(([, { ready }]) => ready === channel) ?? [];
    if (key === undefined || !entry) return;
    void this.#end(key, entry, true);
    if (failure.byUs || failure.status === 404) return;
    if (channel.connection.era === 'modern') this.#dialer.forget();
    this.#vitals.processEnded();
    this.#vitals.unreachable(failure);
  }

  /** `broken`: the next connection of this key takes its place. */
  #end(key: string, entry: Entry, broken = false): Promise<void> {
    this.#entries.delete(key);
    if (!broken) this.#subscriptions.delete(key);
    entry.stop.abort(closedByUs());
    entry.ready?.retire();
    const ending = entry.channel
      .then((channel) => (broken && this.server.transport.kind === 'http' ? this.#closeDrained(channel) : channel.close()))
      .catch((error: unknown) => this.#options.log.debug({ err: error }, 'upstream not closed'))
      .finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
    return ending;
  }

  /** Over HTTP one request that fails says nothing about the others: they may end. */
  async #closeDrained(channel: Channel): Promise<void> {
    this.#draining.add(channel);
    await channel.drained();
    this.#draining.delete(channel);
    await channel.close();
  }

  #explain(error: unknown, signal: AbortSignal): UpstreamFailure {
    const failure = toUpstreamFailure(error, signal);
    if (!signal.aborted) this.#vitals.unreachable(failure);
    return failure;
  }
}
