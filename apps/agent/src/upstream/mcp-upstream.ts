import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import { raceAbort, runToStart } from './abort.ts';
import type { Attempt } from './breaker.ts';
import { Channel, isBroken } from './client/channel.ts';
import { timeServer, type Dialer } from './client/dialer.ts';
import { describeAgent } from './client/initialize.ts';
import type { ResourceSubscriptions } from './client/resource-subscriptions.ts';
import { ConnectionTable, type Opening } from './connection-table.ts';
import type { Conversation, UpstreamClient } from './conversation.ts';
import {
  createAgentClosedFailure,
  createChangedFailure,
  SessionEnded,
  toUpstreamFailure,
  type TimedRequest,
  type UpstreamFailure,
} from './failure.ts';
import { HealthTracker, type UpstreamHealth } from './health.ts';
import { HeldCalls } from './held-calls.ts';
import { HttpDialer } from './http/http-dialer.ts';
import { McpConversation, type ChannelLessor } from './mcp-conversation.ts';
import { StdioDialer } from './stdio/stdio-dialer.ts';
import type { Upstream, UpstreamOptions } from './upstream.ts';

/** Clients of one server that may be told of changes. */
const MOST_CLIENTS = 10_000;

/** One MCP server and the connections to it: one for all clients, or one for each where the server keeps state. */
export class McpUpstream implements Upstream, ChannelLessor {
  readonly #server: SnapshotServer;
  readonly #options: UpstreamOptions;
  readonly #timed: TimedRequest;
  readonly #dialer: Dialer;
  readonly #health: HealthTracker;
  readonly #connections: ConnectionTable;
  readonly held: HeldCalls;
  /** by affinity, the longest unused first */
  readonly #clients = new Map<string, { client: UpstreamClient }>();
  /** the affinity that was used last */
  #newest: string | null = null;
  #closed = false;

  constructor(server: SnapshotServer, options: UpstreamOptions) {
    const { limits, log } = options;
    this.#server = server;
    this.#options = options;
    this.#timed = timeServer(server, options);
    this.#dialer = openDialer(server, options);
    this.#health = new HealthTracker(server, options);
    this.held = new HeldCalls({ patienceMs: limits.heldMs, log });
    this.#connections = new ConnectionTable({
      most: limits.connections,
      drainBroken: server.transport.kind === 'http',
      log,
    });
  }

  getHealth(): UpstreamHealth {
    return this.#health.report(this.#connections.size);
  }

  async open(client: UpstreamClient, signal: AbortSignal): Promise<Conversation> {
    const leased = this.lease(client, signal);
    return new McpConversation(this, client, leased instanceof Promise ? await leased : leased);
  }

  lease(client: UpstreamClient, signal: AbortSignal): Promise<Channel> | Channel {
    return this.#lease(client, signal, () => this.#dialer.resolveKey(client, () => this.#health.admit()));
  }

  async leaseNewer(client: UpstreamClient, signal: AbortSignal): Promise<Channel | null> {
    const key = this.#dialer.getNewerKey();
    return key === null ? null : this.#lease(client, signal, () => key);
  }

  #lease(client: UpstreamClient, signal: AbortSignal, resolveKey: () => Promise<string> | string): Promise<Channel> | Channel {
    const noted = this.#noteClient(client);
    try {
      signal.throwIfAborted();
      const key = resolveKey();
      const ready = typeof key === 'string' ? this.#connections.get(key)?.ready : null;
      return ready ?? this.#connectFor(noted, key, signal);
    } catch (error) {
      return Promise.reject(this.#toUnusable(error, signal));
    }
  }

  /** A connection that is not ready yet, for a client that waits for it. */
  async #connectFor(noted: { client: UpstreamClient }, key: Promise<string> | string, signal: AbortSignal): Promise<Channel> {
    const { client } = noted;
    try {
      // each part has as long for those who share it; for one who waits, all of them together
      return await runToStart(this.#timed, signal, async (stop) => {
        const found = typeof key === 'string' ? key : await raceAbort(key, stop);
        // the client ended meanwhile: nothing is to be opened for it any more
        if (this.#clients.get(client.affinity) !== noted) throw createAgentClosedFailure();
        const opening = this.#connections.get(found) ?? this.#connect(found, client);
        return opening.ready ?? (await raceAbort(opening.channel, stop));
      });
    } catch (error) {
      throw this.#toUnusable(error, signal);
    }
  }

  #toUnusable(error: unknown, signal: AbortSignal): UpstreamFailure {
    const failure = toUpstreamFailure(error, signal);
    if (!signal.aborted) this.#health.recordUnreachable(failure);
    return failure;
  }

  serves({ affinity }: UpstreamClient): boolean {
    return this.#clients.has(affinity);
  }

  admit(): Attempt {
    return this.#health.admit();
  }

  recordFailure(channel: Channel, attempt: Attempt, failure: UpstreamFailure): void {
    this.#health.recordRequestFailure(attempt, failure);
    if (isBroken(failure, channel.connection.server.era)) this.#drop(channel, failure);
  }

  endClient(affinity: string): void {
    this.#clients.delete(affinity);
    this.#connections.endClient(affinity);
  }

  sweep(): void {
    this.#connections.sweep();
  }

  async retire(): Promise<void> {
    // whoever comes to go on with one asks the server of the configuration that is in force then
    this.held.close(createChangedFailure());
    await this.#connections.waitUntilDrained();
    await this.close();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.held.close(createAgentClosedFailure());
    this.#dialer.close();
    await this.#connections.close();
  }

  /** Clients of the newer protocol have no end of their own: the longest unused ones are forgotten when there are too many. */
  #noteClient(client: UpstreamClient): { client: UpstreamClient } {
    const { affinity } = client;
    const known = this.#clients.get(affinity);
    const noted = known ?? { client };
    noted.client = client;
    // the calls of one client mostly come one after the other
    if (known && this.#newest === affinity) return noted;
    this.#newest = affinity;
    this.#clients.delete(affinity);
    this.#clients.set(affinity, noted);
    if (this.#clients.size <= MOST_CLIENTS) return noted;
    const [longest] = this.#clients.keys();
    if (longest !== undefined) this.endClient(longest);
    return noted;
  }

  #connect(key: string, client: UpstreamClient): Opening {
    if (this.#closed) throw createAgentClosedFailure();
    const attempt = this.#health.admit();
    const opening = this.#connections.open(key, (subscriptions, signal) => this.#dial(key, client, subscriptions, signal));
    opening.channel.then(
      (channel) => {
        attempt.succeed();
        this.#health.recordConnected(channel.connection.server.protocolVersion);
        channel.connection.onLost((failure) => this.#drop(channel, failure));
      },
      (error: unknown) => {
        if (opening.stop.signal.aborted) return attempt.drop();
        const failure = toUpstreamFailure(error);
        this.#health.recordConnectFailure(attempt, failure);
        this.#options.log.warn({ server: this.#server.slug, code: failure.code, err: failure }, 'upstream not connected');
      },
    );
    return opening;
  }

  /** Every caller that waits for the connection shares it, so no caller's signal ends it. */
  async #dial(key: string, client: UpstreamClient, subscriptions: ResourceSubscriptions, signal: AbortSignal): Promise<Channel> {
    let channel: Channel | null = null;
    const { connection, shared, idleMs, release } = await this.#dialer.dial({
      key,
      client: client.facts,
      signal,
      listener: {
        onMessage: (message) => channel?.receive(message),
        onListChanged: (method) => channel?.noteListChange(method),
      },
      makeRoom: (enough, full) => this.#connections.makeRoom(key, enough, full),
    });
    const made: Channel = new Channel({
      serverId: this.#server.id,
      connection,
      facts: describeAgent(this.#options.agentVersion),
      shared,
      idleMs,
      subscriptions,
      getClients: () => this.#findClients(client.affinity, shared),
      findIgnored: () => this.#options.findIgnored(this.#server.id),
      // a server that speaks both protocols may list otherwise in each
      onListed: (kind, digest) => this.#options.onListed?.(this.#server.id, `${connection.server.era} ${kind}`, digest),
      onAnnounced: () => this.#options.onAnnounced?.(this.#server.id),
      onListFailed: (failure) => {
        if (isBroken(failure, connection.server.era)) this.#drop(made, failure);
      },
      onClosed: release,
      readClock: this.#options.readClock,
      timed: this.#timed,
      log: this.#options.log,
    });
    channel = made;
    return made;
  }

  #findClients(affinity: string, shared: boolean): ReadonlyMap<string, UpstreamClient> {
    if (shared) return new Map([...this.#clients].map(([affinity, { client }]) => [affinity, client]));
    const own = this.#clients.get(affinity);
    return new Map(own ? [[affinity, own.client]] : []);
  }

  /** Gives up a connection that broke; the next call makes a new one. */
  #drop(channel: Channel, failure: UpstreamFailure): void {
    if (!this.#connections.drop(channel) || failure.byUs) return;
    if (channel.connection.server.era === 'modern') this.#dialer.forget();
    // the end of a session says nothing about the server
    if (failure.status === 404 || (failure instanceof SessionEnded && failure.code === 'upstream_protocol')) return;
    this.#health.recordProcessEnd();
    this.#health.recordUnreachable(failure);
  }
}

function openDialer(server: SnapshotServer, options: UpstreamOptions): Dialer {
  const { slug, transport } = server;
  const timed = timeServer(server, options);
  switch (transport.kind) {
    case 'http':
      return new HttpDialer(transport, timed, options);
    case 'stdio':
      return new StdioDialer(slug, transport, { ...options, timed });
    case 'rest':
      throw new Error('a REST server is not dialled');
  }
}
