import type { Logger } from 'pino';

import type { JsonObject } from '@gatehouse/policy/documents/json';
import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import { evaluate } from '@gatehouse/policy/evaluate';

import type { CurrentConfig } from '../config/current.ts';
import type { Conversation } from '../upstream/conversation.ts';
import type { RpcAnswer } from '../wire/json-rpc.ts';
import { METHOD, RpcCode } from '../wire/protocol.ts';
import { coversResource } from '../wire/resource-address.ts';

const MOST_WATCHED = 200;
/** Connections on which nothing is asked are closed as idle, so every watched resource is subscribed to again this often. */
const RENEW_MS = 5 * 60_000;

export interface WatchOptions {
  open(server: SnapshotServer, signal: AbortSignal): Promise<Conversation>;
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

  /** Resolves with the answer for the client. Rejects with UpstreamFailure. */
  async add(server: SnapshotServer, uri: string, signal: AbortSignal): Promise<RpcAnswer> {
    if (!this.#byUri.has(uri) && this.#byUri.size >= MOST_WATCHED) {
      return { error: { code: RpcCode.internal, message: `At most ${MOST_WATCHED} resources can be watched at once.` } };
    }
    const answer = await this.#ask(METHOD.subscribe, server, uri, signal);
    if ('error' in answer || this.#closing.signal.aborted) return answer;
    this.#byUri.set(uri, server);
    this.#timer ??= setInterval(() => this.#renew(), RENEW_MS).unref();
    return answer;
  }

  /** Resolves with the answer for the client. Rejects with UpstreamFailure. */
  async remove(uri: string, signal: AbortSignal): Promise<RpcAnswer> {
    const server = this.#byUri.get(uri);
    this.#byUri.delete(uri);
    return server ? this.#ask(METHOD.unsubscribe, server, uri, signal) : { result: {} };
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

  async #ask(method: string, server: SnapshotServer, uri: string, signal: AbortSignal): Promise<RpcAnswer> {
    const conversation = await this.#options.open(server, signal);
    return conversation.request({ method, params: { uri }, signal });
  }

  #renew(): void {
    for (const [uri, server] of this.#byUri) {
      this.#ask(METHOD.subscribe, server, uri, this.#closing.signal).catch((error: unknown) =>
        this.#options.log.debug({ err: error, server: server.slug }, 'a watched resource was not asked for again'),
      );
    }
  }
}

/** The server of a resource that this profile lets a client read, by the same decision as reading it; null when it may not be read. */
export function findResourceServer(current: CurrentConfig, profileSlug: string, uri: string): SnapshotServer | null {
  const config = current.get();
  const decision = config && evaluate(config.compiled, { profileSlug, method: METHOD.readResource, uri });
  return decision?.kind === 'allow' ? decision.target.server : null;
}
