import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';

import type { Logger } from 'pino';

import type { CompiledProfile } from '@gatehouse/policy/compile/compile-snapshot';
import type { JsonObject } from '@gatehouse/policy/documents/json';
import type { SnapshotClientKey } from '@gatehouse/policy/documents/snapshot';

import type { UpstreamClient } from '../../upstream/conversation.ts';
import type { CredentialScrub } from '../../secrets/credential-scrub.ts';
import type { CallStopped } from '../../upstream/failure.ts';
import type { UpstreamPool } from '../../upstream/pool.ts';
import { changedLists, LIST_CHANGED, type ListKind } from '../lists.ts';
import { Questions } from './elicit.ts';
import type { Caller } from '../../call/client-key.ts';
import type { ReplyChannel } from '../reply-channel.ts';
import { ResourceWatches } from './resource-watches.ts';
import { scrubbedJson } from '../../call/scrubbed-json.ts';
import { SseStream } from '../../http/sse-stream.ts';
import type { RpcAnswer, ServerMessage } from '../../wire/json-rpc.ts';
import { HEADER, NOTIFICATION } from '../../wire/protocol.ts';

/** What a client said about itself when it opened its session, and the protocol version that it was given. */
export interface SessionClient {
  info: { name: string; version: string; title?: string };
  capabilities: JsonObject;
  protocolVersion: string;
}

/** What a session needs of the agent. */
export interface SessionDeps {
  upstreams: Pick<UpstreamPool, 'of' | 'endClient'>;
  scrub: CredentialScrub;
  log: Logger;
}

export type Stop = (code: CallStopped['code']) => void;

/** A request of the client that is under way. */
export interface RunningRequest {
  stop: Stop;
  channel: ReplyChannel;
  progressToken: unknown;
}

/** A session of the older protocol. Its id alone opens nothing: every request still shows the key that opened it. */
export class Session {
  readonly id = randomBytes(24).toString('base64url');
  readonly key: SnapshotClientKey;
  readonly client: SessionClient;
  readonly openedAt: number;
  lastSeenAt: number;
  readonly questions: Questions;
  readonly watches: ResourceWatches;
  /** this session as its servers see it */
  readonly upstreamClient: UpstreamClient;
  /** servers that it has talked to */
  readonly usedServerIds = new Set<string>();
  #logLevel: string | null = null;
  /** hashes of the lists that the client has, or is on its way to ask for */
  #known: CompiledProfile['listHashes'];
  #stream: SseStream | null = null;
  readonly #deps: SessionDeps;
  /** a client may use the id of a request twice */
  readonly #running = new Map<string | number, Set<RunningRequest>>();

  constructor(deps: SessionDeps, caller: Caller, client: SessionClient, now: number) {
    this.#deps = deps;
    this.key = caller.key;
    this.client = client;
    this.openedAt = now;
    this.lastSeenAt = now;
    this.#known = caller.profile.listHashes;
    this.questions = new Questions(client.capabilities);
    this.upstreamClient = {
      affinity: `session:${this.id}`,
      facts: { info: client.info, capabilities: client.capabilities },
      logLevel: () => this.#logLevel,
      onMessage: (serverId, message, answer) => this.#receive(serverId, message, answer),
    };
    this.watches = new ResourceWatches({
      open: (server, signal) => {
        this.usedServerIds.add(server.id);
        return deps.upstreams.of(server).open(this.upstreamClient, signal);
      },
      onUpdated: (params) => this.tell(NOTIFICATION.resourceUpdated, params),
      log: deps.log,
    });
  }

  /** A server did not take an answer or a notification of the client: its connection is gone, and with it what it was for. */
  readonly onLost = (error: unknown): void => {
    this.#deps.log.debug({ err: error }, 'a message for a server was not sent');
  };

  isBusy(): boolean {
    return this.#running.size > 0 || this.#stream !== null;
  }

  setLogLevel(level: string): void {
    this.#logLevel = level;
  }

  /** Registers a request under way; returns what takes it out again. */
  track(requestId: string | number, request: RunningRequest): () => void {
    const requests = this.#running.get(requestId) ?? new Set();
    requests.add(request);
    this.#running.set(requestId, requests);
    return () => {
      requests.delete(request);
      if (requests.size === 0) this.#running.delete(requestId);
    };
  }

  cancel(requestId: string | number): void {
    for (const { stop } of this.#running.get(requestId) ?? []) stop('cancelled');
  }

  /** Makes a response the stream for messages that answer no request. A newer one takes the place of the one before. */
  openStream(response: ServerResponse, profile: CompiledProfile): void {
    this.#stream?.end();
    const stream = new SseStream(response, { [HEADER.sessionId]: this.id });
    this.#stream = stream;
    stream.onClose(() => {
      if (this.#stream === stream) this.#stream = null;
    });
    // what changed while there was no stream to say so
    this.announceLists(profile);
  }

  /** The client is being given this list. */
  knowsList(kind: ListKind, profile: CompiledProfile): void {
    this.#known = { ...this.#known, [kind]: profile.listHashes[kind] };
  }

  /** Tells the client once that a list which it has is not the list any more. */
  announceLists(profile: CompiledProfile): void {
    if (!this.#stream) return;
    for (const kind of changedLists(this.#known, profile.listHashes)) this.tell(LIST_CHANGED[kind]);
    this.#known = profile.listHashes;
  }

  /** A notification that belongs to no request; dropped while the client does not listen. */
  tell(method: string, params?: JsonObject): void {
    this.#stream?.sendText(scrubbedJson(this.#deps.scrub, { jsonrpc: '2.0', method, ...(params && { params }) }));
  }

  keepAlive(): void {
    this.#stream?.keepAlive();
  }

  /** Ends what the client still waits for and lets its servers go. */
  end(code: CallStopped['code']): void {
    this.#stream?.end();
    for (const requests of this.#running.values()) for (const { stop } of requests) stop(code);
    this.questions.close();
    this.watches.close();
    this.#deps.upstreams.endClient(this.upstreamClient.affinity);
  }

  /** What a server says outside of any request. Lists are served from the approved revision, so a server's word about them changes nothing. */
  #receive(serverId: string, message: ServerMessage, answer: ((answer: RpcAnswer) => void) | null): void {
    const { method, params = {} } = message;
    if (answer) {
      const send = (question: object) => this.#stream?.sendText(scrubbedJson(this.#deps.scrub, question)) ?? false;
      void this.questions.ask({ serverId, message, send }).then(answer);
      return;
    }
    switch (method) {
      case NOTIFICATION.message:
      case NOTIFICATION.elicitationComplete:
        return this.tell(method, params);
      case NOTIFICATION.resourceUpdated:
        return this.watches.updated(serverId, params);
      case NOTIFICATION.cancelled:
        return this.questions.withdrawn(serverId, params['requestId']);
      case NOTIFICATION.progress:
        return this.#progress(params);
    }
  }

  /** Some servers report the progress of a request on another stream than its own. */
  #progress(params: JsonObject): void {
    const token = params['progressToken'];
    if (token === undefined) return;
    const running = [...this.#running.values()].flatMap((requests) => [...requests]);
    const [only, another] = running.filter(({ progressToken }) => progressToken === token);
    if (!only || another) return;
    only.channel.sendText(scrubbedJson(this.#deps.scrub, { jsonrpc: '2.0', method: NOTIFICATION.progress, params }));
  }
}
