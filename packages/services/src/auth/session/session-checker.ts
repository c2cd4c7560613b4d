import { openDatabase } from '@gatehouse/db/client';

import { checkSession, type CheckSession } from '../check-session.ts';

/** An ended session begins no more, so what was found is kept for a while: whoever repeats its token costs no query each time. */
const KEPT = { sessions: 10_000, ms: 30_000 } as const;
/** connections of its own: what waits for the others does not hold it up */
const POOL_SIZE = 2;

/** Says of sessions whether they last, to whoever asks before there is a request to answer. A live one is looked up each time. */
export class SessionChecker {
  readonly #look: (session: CheckSession) => Promise<boolean>;
  readonly #now: () => number;
  /** one query at a time for each session */
  readonly #looking = new Map<string, Promise<boolean>>();
  /** when each was found to be over, milliseconds; the first is the oldest */
  readonly #ended = new Map<string, number>();

  constructor(look: (session: CheckSession) => Promise<boolean>, now: () => number = Date.now) {
    this.#look = look;
    this.#now = now;
  }

  /** Rejects when that cannot be found out. */
  async isLive(session: CheckSession): Promise<boolean> {
    const key = `${session.sessionId} ${session.userId}`;
    const endedAt = this.#ended.get(key);
    if (endedAt !== undefined && this.#now() - endedAt < KEPT.ms) return false;
    const looking = this.#looking.get(key) ?? this.#look(session).finally(() => this.#looking.delete(key));
    this.#looking.set(key, looking);
    const isLive = await looking;
    if (!isLive) this.#keep(key);
    return isLive;
  }

  #keep(key: string): void {
    this.#ended.delete(key);
    this.#ended.set(key, this.#now());
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > KEPT.sessions && oldest !== undefined) this.#ended.delete(oldest);
  }
}

/** A checker on the database of `url`, which connects at its first question. `close` ends the connections. */
export function openSessionChecker(url: string): { checker: SessionChecker; close: () => Promise<void> } {
  const db = openDatabase({ url, poolSize: POOL_SIZE });
  const runtime = { db, now: () => new Date() };
  const checker = new SessionChecker(async (session) => (await checkSession({ runtime, input: session })) !== null);
  return { checker, close: () => db.close() };
}
