import { randomBytes } from 'node:crypto';

import type { Logger } from 'pino';

import type { JsonObject } from '@gatehouse/policy/documents/json';
import type { SnapshotClientKey, SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import type { Caller } from '../../call/client-key.ts';
import type { CurrentConfig } from '../../config/current.ts';
import type { CredentialScrub } from '../../secrets/credential-scrub.ts';
import type { Conversation, UpstreamClient } from '../../upstream/conversation.ts';
import type { StopCode } from '../../upstream/failure.ts';
import type { UpstreamPool } from '../../upstream/pool.ts';
import { isSameId, toIdKey, type RpcAnswer, type RpcId, type ServerMessage } from '../../wire/json-rpc.ts';
import { METHOD, NOTIFICATION } from '../../wire/protocol.ts';
import { askServer, type ShortRequest } from '../ask-server.ts';
import { findReadable, ResourceWatches } from '../resource-watches.ts';
import type { RunningRequest } from '../run-request.ts';
import { PendingQuestions } from './pending-questions.ts';
import { SessionStream } from './session-stream.ts';

/** What a client said about itself when it opened its session, and the protocol version that it was given. */
export interface SessionClient {
  info: { name: string; version: string; title?: string };
  capabilities: JsonObject;
  protocolVersion: string;
}

/** What a session needs of the agent. */
export interface SessionDeps {
  current: CurrentConfig;
  upstreams: Pick<UpstreamPool, 'requireUpstream' | 'timeRequest' | 'endClient'>;
  scrub: CredentialScrub;
  log: Logger;
}

/** What a session needs of a request of its client that is under way. */
export type TrackedRequest = Pick<RunningRequest, 'stop' | 'cancel' | 'channel' | 'text' | 'progressToken'>;

/** How long it may take to tell a server that the client's roots have changed. */
const ROOTS_CHANGED_MS = 30_000;

/** A session of the older protocol. Its id alone opens nothing: every request still shows the key that opened it. */
export class Session {
  readonly id = randomBytes(24).toString('base64url');
  readonly key: SnapshotClientKey;
  readonly client: SessionClient;
  readonly stream: SessionStream;
  readonly questions: PendingQuestions;
  readonly watches: ResourceWatches;
  /** this session as its servers see it */
  readonly upstreamClient: UpstreamClient;
  /** servers that it has talked to */
  readonly usedServerIds = new Set<string>();
  /** how often sessions of its key had been ended when it was opened */
  readonly endsAtOpening: number;
  readonly #openedAt: number;
  #lastSeenAt: number;
  #logLevel: string | null = null;
  readonly #deps: SessionDeps;
  /** a client may use the id of a request twice */
  readonly #running = new Map<string | number, Set<TrackedRequest>>();

  constructor(deps: SessionDeps, caller: Caller, client: SessionClient, now: number) {
    this.#deps = deps;
    this.key = caller.key;
    this.client = client;
    this.endsAtOpening = deps.current.get()?.revocations.countSessionEnds(caller.key) ?? 0;
    this.#openedAt = now;
    this.#lastSeenAt = now;
    this.stream = new SessionStream(this.id, caller.profile, deps.scrub);
    this.questions = new PendingQuestions(client.capabilities);
    this.upstreamClient = {
      keyId: caller.key.keyId,
      affinity: `session:${this.id}`,
      declared: '',
      era: 'legacy',
      facts: { info: client.info, capabilities: client.capabilities },
      getLogLevel: () => this.#logLevel,
      onMessage: (serverId, message, answer) => this.#receive(serverId, message, answer),
    };
    this.watches = new ResourceWatches({
      find: (uri) => findReadable(deps.current, caller.profile.profile.slug, uri),
      ask: (server, request) => this.#ask(server, request),
      onUpdated: (params) => this.stream.notify(NOTIFICATION.resourceUpdated, params),
      log: deps.log,
    });
  }

  /** A message for a server was not sent: its connection is gone, and with it what the message was for. */
  readonly onLost = (error: unknown): void => {
    this.#deps.log.debug({ err: error }, 'a message for a server was not sent');
  };

  isBusy(): boolean {
    return this.#running.size > 0 || this.stream.isOpen();
  }

  /** The client showed itself. */
  touch(now: number): void {
    this.#lastSeenAt = now;
  }

  /** Whether it is too old or was idle for too long, both in milliseconds. A client that keeps its stream open is not idle. */
  isExpired(now: number, { idleMs, lifetimeMs }: { idleMs: number; lifetimeMs: number }): boolean {
    return (!this.isBusy() && now - this.#lastSeenAt > idleMs) || now - this.#openedAt > lifetimeMs;
  }

  /** Registers a request under way; returns what takes it out again. */
  track(requestId: RpcId, request: TrackedRequest): () => void {
    const key = toIdKey(requestId);
    const requests = this.#running.get(key) ?? new Set();
    requests.add(request);
    this.#running.set(key, requests);
    return () => {
      requests.delete(request);
      if (requests.size === 0) this.#running.delete(key);
    };
  }

  /** `reason`: the client's own words; null: it gave none */
  cancel(requestId: RpcId, reason: string | null): void {
    for (const request of this.#running.get(toIdKey(requestId)) ?? []) request.cancel(reason);
  }

  /** The conversation of this client with a server. Rejects with UpstreamFailure. */
  openConversation(server: SnapshotServer, signal: AbortSignal): Promise<Conversation> {
    this.usedServerIds.add(server.id);
    return this.#deps.upstreams.requireUpstream(server).open(this.upstreamClient, signal);
  }

  /** Tells those of `servers` that the session uses; the others learn the level when they are met. Rejects with UpstreamFailure. */
  async setLogLevel(level: string, servers: readonly SnapshotServer[], signal: AbortSignal): Promise<RpcAnswer> {
    this.#logLevel = level;
    const used = servers.filter(({ id, features }) => features.logging && this.usedServerIds.has(id));
    const request = { method: METHOD.setLogLevel, params: { level }, signal };
    const answers = await Promise.all(used.map((server) => this.#ask(server, request)));
    return answers.find((answer) => 'error' in answer) ?? { result: {} };
  }

  /** The client's roots have changed: tells every server that the session uses, which may then ask for them again. */
  announceRoots(servers: ReadonlyMap<string, SnapshotServer>): void {
    for (const serverId of this.usedServerIds) {
      const server = servers.get(serverId);
      if (server) this.#announceRootsTo(server).catch(this.onLost);
    }
  }

  /** Ends what the client still waits for and lets its servers go. */
  end(code: StopCode): void {
    this.stream.end();
    for (const requests of this.#running.values()) for (const request of requests) request.stop(code);
    this.questions.close();
    this.watches.close();
    this.#deps.upstreams.endClient(this.upstreamClient.affinity);
  }

  #ask(server: SnapshotServer, request: ShortRequest): Promise<RpcAnswer> {
    this.usedServerIds.add(server.id);
    return askServer(this.#deps.upstreams, { server, client: this.upstreamClient }, request);
  }

  async #announceRootsTo(server: SnapshotServer): Promise<void> {
    const conversation = await this.openConversation(server, AbortSignal.timeout(ROOTS_CHANGED_MS));
    if (conversation.era === 'legacy') await conversation.notify(NOTIFICATION.rootsChanged);
  }

  /** What a server says outside of any request. News of its lists are ignored: clients are served the approved lists. */
  #receive(serverId: string, message: ServerMessage, answer: ((answer: RpcAnswer) => void) | null): void {
    const { method, params = {} } = message;
    if (answer) {
      const send = (question: object) => this.stream.send(question);
      void this.questions.ask({ serverId, message, send }).then(answer);
      return;
    }
    switch (method) {
      case NOTIFICATION.message:
      case NOTIFICATION.elicitationComplete:
        return this.stream.notify(method, params);
      case NOTIFICATION.resourceUpdated:
        return this.watches.relayUpdate(serverId, params);
      case NOTIFICATION.cancelled:
        return this.questions.withdraw(serverId, params['requestId']);
      case NOTIFICATION.progress:
        return this.#relayProgress(params);
    }
  }

  /** Some servers report progress outside of the request's own stream: it goes to the one request that it can belong to. */
  #relayProgress(params: JsonObject): void {
    const token = params['progressToken'];
    if (token === undefined) return;
    const running = [...this.#running.values()].flatMap((requests) => [...requests]);
    const [only, another] = running.filter(({ progressToken }) => isSameId(progressToken, token));
    if (!only || another) return;
    only.channel.sendText(only.text.toJson({ jsonrpc: '2.0', method: NOTIFICATION.progress, params }));
  }
}
