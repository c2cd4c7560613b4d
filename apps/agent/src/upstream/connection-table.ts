import type { Logger } from 'pino';

import type { Channel } from './client/channel.ts';
import { isOwnKey } from './client/dialer.ts';
import { ResourceSubscriptions } from './client/resource-subscriptions.ts';
import { createAgentClosedFailure, UpstreamFailure } from './failure.ts';

/** One connection, from the moment its making begins. */
export interface Opening {
  channel: Promise<Channel>;
  /** null while it is being made */
  ready: Channel | null;
  /** ends the making of it */
  stop: AbortController;
}

interface Entry {
  /** null between a connection that broke and the next one, while there are subscriptions to renew */
  current: Opening | null;
  /** kept when a connection breaks: the next one of this key subscribes again */
  subscriptions: ResourceSubscriptions;
}

export interface ConnectionTableOptions {
  /** connections at one time */
  most: number;
  /** Requests under way on a broken connection may end before it is closed. So over HTTP, where one that fails says nothing about the others. */
  drainBroken: boolean;
  log: Logger;
}

/** Owns the connections to one server, each under the key of those who use it, until nothing of them is left running. */
export class ConnectionTable {
  readonly #options: ConnectionTableOptions;
  readonly #byKey = new Map<string, Entry>();
  /** what takes no more requests, with the promise of its end */
  readonly #closing = new Map<Opening, Promise<void>>();

  constructor(options: ConnectionTableOptions) {
    this.#options = options;
  }

  /** connections that stand */
  get size(): number {
    return [...this.#byKey.values()].filter(({ current }) => current?.ready).length;
  }

  get(key: string): Opening | null {
    return this.#byKey.get(key)?.current ?? null;
  }

  /** Begins the connection of a key, which has none. One that cannot be made leaves the table by itself. */
  open(key: string, make: (subscriptions: ResourceSubscriptions, signal: AbortSignal) => Promise<Channel>): Opening {
    const entry: Entry = this.#byKey.get(key) ?? { current: null, subscriptions: new ResourceSubscriptions() };
    const stop = new AbortController();
    const opening: Opening = { channel: make(entry.subscriptions, stop.signal), ready: null, stop };
    entry.current = opening;
    this.#byKey.set(key, entry);
    opening.channel.then(
      (channel) => {
        opening.ready = channel;
      },
      () => {
        if (entry.current === opening) this.#leave(key, entry);
      },
    );
    return opening;
  }

  /** Gives up a connection that broke. False when it was given up before. */
  drop(channel: Channel): boolean {
    for (const [key, { current }] of this.#byKey) {
      if (current?.ready !== channel) continue;
      void this.#end(key, { broken: true });
      return true;
    }
    return false;
  }

  /** A client is gone: its own connections are closed, and those that it shared forget it. */
  endClient(affinity: string): void {
    for (const key of this.#byKey.keys()) if (isOwnKey(key, affinity)) void this.#end(key);
    for (const { current } of this.#byKey.values()) current?.ready?.forget(affinity);
  }

  /** Closes connections that nobody used for long. */
  sweep(): void {
    for (const [key, { current }] of this.#byKey) if (current?.ready?.isStale()) void this.#end(key);
  }

  /** Closes the longest idle connections beside that of `key` until one more may be made. Rejects with `full` when all are in use. */
  async makeRoom(key: string, enough: () => boolean, full: string): Promise<void> {
    const others = () => [...this.#byKey].filter(([other, { current }]) => other !== key && current);
    while (others().length >= this.#options.most || !enough()) {
      const idle = others().filter(([, { current }]) => current?.ready && !current.ready.busy);
      const [longest] = idle.toSorted(
        ([, a], [, b]) => (b.current?.ready?.getIdleMs() ?? 0) - (a.current?.ready?.getIdleMs() ?? 0),
      );
      if (longest) await this.#end(longest[0]);
      else if (this.#closing.size > 0) await Promise.race(this.#closing.values());
      else throw new UpstreamFailure('upstream_unreachable', full, { byUs: true });
    }
  }

  /** Resolves when no request is under way. */
  async waitUntilDrained(): Promise<void> {
    await Promise.all(this.#listChannels().map((channel) => channel.waitUntilDrained()));
  }

  /** Resolves when every connection is closed. */
  async close(): Promise<void> {
    for (const key of this.#byKey.keys()) void this.#end(key);
    // those that still wait for their requests to end wait no longer
    await Promise.allSettled(this.#listChannels().map((channel) => channel.close()));
    await Promise.allSettled(this.#closing.values());
  }

  /** of the connections that stand, and of those being closed */
  #listChannels(): Channel[] {
    const openings = [...this.#closing.keys(), ...[...this.#byKey.values()].map(({ current }) => current)];
    return openings.flatMap((opening) => opening?.ready ?? []);
  }

  /** What its clients subscribed to is kept for the next connection of the key. */
  #leave(key: string, entry: Entry): void {
    entry.current = null;
    if (entry.subscriptions.listUris().length === 0 && this.#byKey.get(key) === entry) this.#byKey.delete(key);
  }

  #end(key: string, { broken = false } = {}): Promise<void> {
    const entry = this.#byKey.get(key);
    if (!entry) return Promise.resolve();
    const { current } = entry;
    if (broken) this.#leave(key, entry);
    else this.#byKey.delete(key);
    if (!current) return Promise.resolve();
    current.stop.abort(createAgentClosedFailure());
    current.ready?.retire();
    const closing = this.#close(current, broken && this.#options.drainBroken)
      .catch((error: unknown) => this.#options.log.debug({ err: error }, 'upstream not closed'))
      .finally(() => this.#closing.delete(current));
    this.#closing.set(current, closing);
    return closing;
  }

  async #close({ channel }: Opening, drain: boolean): Promise<void> {
    const made = await channel;
    if (drain) await made.waitUntilDrained();
    await made.close();
  }
}
