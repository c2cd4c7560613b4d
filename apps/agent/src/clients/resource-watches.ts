import type { Logger } from 'pino';

import type { JsonObject } from '@gatehouse/policy/documents/json';
import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import { evaluate, type CallTarget } from '@gatehouse/policy/evaluate';

import { toApprovedEntry } from '../call/approved-entry.ts';
import type { CurrentConfig } from '../config/current.ts';
import { toUpstreamFailure } from '../upstream/failure.ts';
import type { RpcAnswer } from '../wire/json-rpc.ts';
import { METHOD, RpcCode } from '../wire/protocol.ts';
import { coversResource } from '../wire/resource-address.ts';
import type { ShortRequest } from './ask-server.ts';

const MOST_WATCHED = 200;
/** Connections on which nothing is asked are closed as idle, so every watched resource is subscribed to again this often. */
const RENEW_MS = 5 * 60_000;

/** Something that a client may read, and so watch. */
export type Readable = Extract<CallTarget, { kind: 'resource' | 'template' }>;

export interface WatchOptions {
  /** what this client may read under an address at this moment; null: nothing */
  find(uri: string): Readable | null;
  ask(server: SnapshotServer, request: ShortRequest): Promise<RpcAnswer>;
  /** `params` of the server's notifications/resources/updated */
  onUpdated(params: JsonObject): void;
  log: Logger;
}

/** The resources whose changes one client wants to hear of, and the server of each. */
export class ResourceWatches {
  readonly #options: WatchOptions;
  readonly #byUri = new Map<string, SnapshotServer>();
  readonly #closing = new AbortController();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Resolves with the answer for the client; null: it may not read that. Rejects with UpstreamFailure. */
  async add(uri: string, signal: AbortSignal): Promise<RpcAnswer | null> {
    const target = this.#options.find(uri);
    if (!target) return null;
    if (!this.#byUri.has(uri) && this.#byUri.size >= MOST_WATCHED) {
      return { error: { code: RpcCode.internal, message: `At most ${MOST_WATCHED} resources can be watched at once.` } };
    }
    const answer = await this.#subscribe(target, uri, signal);
    if ('error' in answer || this.#closing.signal.aborted) return answer;
    this.#byUri.set(uri, target.server);
    this.#timer ??= setInterval(() => this.#renew(), RENEW_MS).unref();
    return answer;
  }

  /** Resolves with the answer for the client. Rejects with UpstreamFailure. */
  async remove(uri: string, signal: AbortSignal): Promise<RpcAnswer> {
    const server = this.#byUri.get(uri);
    this.#byUri.delete(uri);
    return server ? this.#unsubscribe(server, uri, signal) : { result: {} };
  }

  /** Passes a server's notifications/resources/updated on, if it is about something that is watched there. */
  relayUpdate(serverId: string, params: JsonObject): void {
    const { uri } = params;
    if (typeof uri !== 'string') return;
    for (const [watched, { id }] of this.#byUri) {
      if (id === serverId && coversResource(watched, uri)) return this.#options.onUpdated(params);
    }
  }

  close(): void {
    this.#closing.abort();
    if (this.#timer) clearInterval(this.#timer);
    this.#byUri.clear();
  }

  #subscribe(target: Readable, uri: string, signal: AbortSignal): Promise<RpcAnswer> {
    const approved = toApprovedEntry(target);
    return this.#options.ask(target.server, { method: METHOD.subscribe, params: { uri }, approved, signal });
  }

  #unsubscribe(server: SnapshotServer, uri: string, signal: AbortSignal): Promise<RpcAnswer> {
    return this.#options.ask(server, { method: METHOD.unsubscribe, params: { uri }, signal });
  }

  #renew(): void {
    for (const [uri, server] of this.#byUri) {
      this.#renewOne(uri, server).catch((error: unknown) =>
        this.#options.log.debug({ err: error, server: server.slug }, 'a watched resource was not asked for again'),
      );
    }
  }

  /** What the client may not read any more, or the server has changed since, is watched no longer. */
  async #renewOne(uri: string, server: SnapshotServer): Promise<void> {
    const { signal } = this.#closing;
    const target = this.#options.find(uri);
    try {
      if (target) return void (await this.#subscribe(target, uri, signal));
    } catch (error) {
      if (toUpstreamFailure(error, signal).code !== 'tool_not_approved') throw error;
    }
    this.#byUri.delete(uri);
    await this.#unsubscribe(server, uri, signal);
  }
}

/** What this profile lets a client read under an address, by the same decision as reading it; null when nothing. */
export function findReadable(current: CurrentConfig, profileSlug: string, uri: string): Readable | null {
  const config = current.get();
  const decision = config && evaluate(config.compiled, { profileSlug, method: METHOD.readResource, uri });
  if (decision?.kind !== 'allow') return null;
  const { target } = decision;
  return target.kind === 'resource' || target.kind === 'template' ? target : null;
}
