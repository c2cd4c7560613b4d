import type { CompiledConfig } from '@gatehouse/policy/compile/compile-snapshot';

import type { Caller } from '../../call/client-key.ts';
import type { StopCode } from '../../upstream/failure.ts';
import type { FindStopReason } from '../open-work.ts';
import { Session, type SessionClient, type SessionDeps } from './session.ts';

export interface SessionLimits {
  idleMs: number;
  /** a session ends after this time, however busy it is */
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

/** All open sessions, bounded in number and age. `readClock`: monotonic, milliseconds. */
export class Sessions {
  readonly #limits: SessionLimits;
  readonly #readClock: () => number;
  readonly #deps: SessionDeps;
  readonly #byId = new Map<string, Session>();
  readonly #byKeyId = new Map<string, Set<Session>>();
  readonly #timers: NodeJS.Timeout[];

  constructor(limits: SessionLimits, deps: SessionDeps, readClock: () => number) {
    this.#limits = limits;
    this.#deps = deps;
    this.#readClock = readClock;
    const keepAlive = () => this.#byId.forEach((session) => session.stream.keepAlive());
    this.#timers = [setInterval(() => this.sweep(), SWEEP_MS).unref(), setInterval(keepAlive, KEEP_ALIVE_MS).unref()];
  }

  count(): number {
    return this.#byId.size;
  }

  /** Null when there are too many and none of them is idle. */
  open(caller: Caller, client: SessionClient): Session | null {
    if (!this.#makeRoom(caller.key.keyId)) return null;
    const session = new Session(this.#deps, caller, client, this.#readClock());
    this.#putLast(session);
    return session;
  }

  /** The session of this id, if this very key opened it for this very profile; else null, like an id that never existed. */
  find(id: string, caller: Caller): Session | null {
    const session = this.#byId.get(id);
    if (!session || session.key.keyId !== caller.key.keyId || session.key.profileId !== caller.profile.profile.id) return null;
    session.touch(this.#readClock());
    this.#putLast(session);
    return session;
  }

  end(session: Session, code: StopCode): void {
    this.#forget(session);
    session.end(code);
  }

  /** Ends sessions that were ended from the console or whose key or profile is gone and tells the others when one of their lists has changed. */
  review(compiled: CompiledConfig, findReason: FindStopReason): void {
    for (const session of this.#byId.values()) {
      const profile = compiled.profilesById.get(session.key.profileId);
      const reason = findReason(session.key, session);
      if (profile && !reason) session.stream.announceLists(profile);
      else this.end(session, reason ?? 'identity_revoked');
    }
  }

  /** Ends sessions that are too old or were idle for too long. */
  sweep(): void {
    const now = this.#readClock();
    for (const session of this.#byId.values()) {
      if (session.isExpired(now, this.#limits)) this.end(session, 'cancelled');
    }
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const session of this.#byId.values()) this.end(session, 'cancelled');
  }

  #makeRoom(keyId: string): boolean {
    const ofKey = this.#byKeyId.get(keyId);
    if (ofKey && ofKey.size >= this.#limits.perKey) return this.#endLongestIdle(ofKey);
    return this.#byId.size < this.#limits.total || this.#endLongestIdle(this.#byId.values());
  }

  #endLongestIdle(sessions: Iterable<Session>): boolean {
    for (const session of sessions) {
      if (session.isBusy()) continue;
      this.end(session, 'cancelled');
      return true;
    }
    return false;
  }

  /** Puts a session behind all others, so that the longest unused ones stand in front. */
  #putLast(session: Session): void {
    this.#forget(session);
    const ofKey = this.#byKeyId.get(session.key.keyId) ?? new Set();
    this.#byId.set(session.id, session);
    this.#byKeyId.set(session.key.keyId, ofKey.add(session));
  }

  #forget(session: Session): void {
    const { keyId } = session.key;
    const ofKey = this.#byKeyId.get(keyId);
    this.#byId.delete(session.id);
    ofKey?.delete(session);
    if (ofKey?.size === 0) this.#byKeyId.delete(keyId);
  }
}
