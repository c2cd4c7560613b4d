import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';

import type { CompiledConfig } from '@gatehouse/policy/compile';

import type { CallStopped } from '../upstream/failure.ts';
import type { Caller } from './identity.ts';

export interface SessionLimits {
  idleMs: number;
  /** however busy it is */
  lifetimeMs: number;
  perKey: number;
  total: number;
}

export const DEFAULT_SESSION_LIMITS: SessionLimits = {
  idleMs: 30 * 60_000,
  lifetimeMs: 24 * 60 * 60_000,
  perKey: 100,
  total: 5_000,
};

const KEEP_ALIVE_MS = 15_000;
const SWEEP_MS = 60_000;

/** What a client said about itself when it opened its session, and the protocol version that it was given. */
export interface SessionClient {
  name: string;
  version: string;
  protocolVersion: string;
}

type Stop = (code: CallStopped['code']) => void;

/** A session of the older protocol. Its id alone opens nothing: every request still shows the key that opened it. */
export class Session {
  readonly id = randomBytes(24).toString('base64url');
  readonly caller: Caller;
  readonly client: SessionClient;
  readonly openedAt: number;
  lastSeenAt: number;
  /** hash of the list of tools that the client has, or is on its way to ask for */
  knownList: string;
  #stream: ServerResponse | null = null;
  /** a client may use the id of a request twice */
  readonly #running = new Map<string | number, Set<Stop>>();

  constructor(caller: Caller, client: SessionClient, now: number) {
    this.caller = caller;
    this.client = client;
    this.openedAt = now;
    this.lastSeenAt = now;
    this.knownList = caller.profile.listedHash;
  }

  isBusy(): boolean {
    return this.#running.size > 0 || this.#stream !== null;
  }

  /** Registers a running call; returns what takes it out again. */
  track(requestId: string | number, stop: Stop): () => void {
    const stops = this.#running.get(requestId) ?? new Set();
    stops.add(stop);
    this.#running.set(requestId, stops);
    return () => {
      stops.delete(stop);
      if (stops.size === 0) this.#running.delete(requestId);
    };
  }

  cancel(requestId: string | number): void {
    for (const stop of this.#running.get(requestId) ?? []) stop('cancelled');
  }

  /** Makes a response the stream for messages that answer no request. A newer one takes the place of the one before. */
  openStream(response: ServerResponse, listedHash: string): void {
    this.#stream?.end();
    this.#stream = response;
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'mcp-session-id': this.id,
    });
    response.flushHeaders();
    response.once('close', () => {
      if (this.#stream === response) this.#stream = null;
    });
    // what changed while there was no stream to say so
    this.announceList(listedHash);
  }

  /** Tells the client once that the list it has is not the list any more. */
  announceList(listedHash: string): void {
    if (listedHash === this.knownList || !this.#stream) return;
    this.knownList = listedHash;
    const message = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' };
    this.#stream.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
  }

  keepAlive(): void {
    this.#stream?.write(': keep-alive\n\n');
  }

  end(code: CallStopped['code']): void {
    this.#stream?.end();
    for (const stops of this.#running.values()) for (const stop of stops) stop(code);
  }
}

/** All open sessions, bounded in number and age. `clock`: monotonic, milliseconds. */
export class Sessions {
  readonly #limits: SessionLimits;
  readonly #clock: () => number;
  readonly #byId = new Map<string, Session>();
  readonly #timers: NodeJS.Timeout[];

  constructor(limits: SessionLimits, clock: () => number) {
    this.#limits = limits;
    this.#clock = clock;
    const keepAlive = () => this.#byId.forEach((session) => session.keepAlive());
    this.#timers = [setInterval(() => this.sweep(), SWEEP_MS).unref(), setInterval(keepAlive, KEEP_ALIVE_MS).unref()];
  }

  count(): number {
    return this.#byId.size;
  }

  /** Null when there are too many and none of them is idle. */
  open(caller: Caller, client: SessionClient): Session | null {
    if (!this.#makeRoom(caller.key.keyId)) return null;
    const session = new Session(caller, client, this.#clock());
    this.#byId.set(session.id, session);
    return session;
  }

  /** The session of this id, if this very key opened it for this very profile; else null, like an id that never existed. */
  find(id: string, caller: Caller): Session | null {
    const session = this.#byId.get(id);
    if (!session || session.caller.key.keyId !== caller.key.keyId) return null;
    if (session.caller.profile.profile.id !== caller.profile.profile.id) return null;
    session.lastSeenAt = this.#clock();
    return session;
  }

  end(session: Session, code: CallStopped['code']): void {
    this.#byId.delete(session.id);
    session.end(code);
  }

  /** Ends sessions whose key or profile is gone and tells the others when their list of tools has changed. */
  review(compiled: CompiledConfig, isValid: (session: Session) => boolean): void {
    for (const session of this.#byId.values()) {
      const profile = compiled.profilesById.get(session.caller.key.profileId);
      if (profile && isValid(session)) session.announceList(profile.listedHash);
      else this.end(session, 'identity_revoked');
    }
  }

  /** Ends what is too old or was idle for too long. A client that keeps its stream open is not idle. */
  sweep(): void {
    const now = this.#clock();
    for (const session of this.#byId.values()) {
      const idle = !session.isBusy() && now - session.lastSeenAt > this.#limits.idleMs;
      if (idle || now - session.openedAt > this.#limits.lifetimeMs) this.end(session, 'cancelled');
    }
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const session of this.#byId.values()) this.end(session, 'cancelled');
  }

  #makeRoom(keyId: string): boolean {
    const all = [...this.#byId.values()];
    const ofKey = all.filter((session) => session.caller.key.keyId === keyId);
    const { perKey, total } = this.#limits;
    if (ofKey.length < perKey && all.length < total) return true;
    const idle = (ofKey.length < perKey ? all : ofKey).filter((session) => !session.isBusy());
    const [oldest] = idle.toSorted((a, b) => a.lastSeenAt - b.lastSeenAt);
    if (!oldest) return false;
    this.end(oldest, 'cancelled');
    return true;
  }
}
