import type { IncomingMessage, ServerResponse } from 'node:http';

import { MAX_BODY_BYTES } from './request.ts';

/** Bounds on what requests and their answers take of the agent's memory. */
export interface InFlightLimits {
  /** bytes of bodies and answers of all requests under way; half as much again for requests of no more than `smallBytes` */
  totalBytes: number;
  /** of these, bytes of the bodies of one client key */
  perOwnerBytes: number;
  /** a body up to this waits only when even that is full, and counts for nobody's share */
  smallBytes: number;
  /** requests that may wait for room */
  waiting: number;
  /** milliseconds that a request waits for room before it is refused */
  waitMs: number;
}

/** Megabytes, unless the site says otherwise. */
export const IN_FLIGHT_MB = 16;

/** One client key gets half of it at most. */
export function chooseInFlight(megabytes: number): Pick<InFlightLimits, 'totalBytes' | 'perOwnerBytes'> {
  const totalBytes = megabytes * 1024 * 1024;
  return { totalBytes, perOwnerBytes: totalBytes / 2 };
}

const IN_FLIGHT_LIMITS: InFlightLimits = {
  ...chooseInFlight(IN_FLIGHT_MB),
  smallBytes: 64 * 1024,
  waiting: 1_000,
  waitMs: 30_000,
};

/** Room that one request takes until its response is over, whoever reads it how slowly. */
export interface Hold {
  /** Other bytes of the body than were announced. */
  setBody(bytes: number): void;
  /** The answer, which waits in memory until it is read. It is there already, so it waits for no room; what comes next does. */
  addAnswer(bytes: number): void;
}

interface Waiter {
  bytes: number;
  owner: string;
  grant: () => void;
}

/**
 * Counts the bytes of requests under way, so that together they stay below a bound. A request that does not fit waits before anything of its body
 * is read, in its turn; what waits is not in memory but in the network.
 */
export class InFlight {
  readonly #limits: InFlightLimits;
  readonly #owners = new Map<string, number>();
  #used = 0;
  #waiters: Waiter[] = [];

  constructor(limits: Partial<InFlightLimits> = {}) {
    this.#limits = { ...IN_FLIGHT_LIMITS, ...limits };
  }

  /** Bytes that are counted at the moment, and requests that wait. */
  getState(): { bytes: number; waiting: number } {
    return { bytes: this.#used, waiting: this.#waiters.length };
  }

  /**
   * Room for the body of a request, given back when its response is closed. Null when there is none and none came in time, or when the client
   * left meanwhile. A body of unknown length counts as the longest until it is read.
   */
  take(request: IncomingMessage, response: ServerResponse, owner: string): Hold | Promise<Hold | null> {
    const announced = request.headers['content-length'];
    const bytes = Math.min(announced === undefined ? MAX_BODY_BYTES : Number(announced), MAX_BODY_BYTES);
    const isSmall = bytes <= this.#limits.smallBytes;
    if ((isSmall || this.#waiters.length === 0) && this.#hasRoom(bytes, owner)) return this.#grant(response, bytes, owner);
    if (this.#waiters.length >= this.#limits.waiting) return Promise.resolve(null);
    return new Promise((resolve) => {
      const settle = (hold: Hold | null) => {
        clearTimeout(late);
        response.off('close', leave);
        this.#waiters = this.#waiters.filter((one) => one !== waiter);
        resolve(hold);
      };
      const leave = () => settle(null);
      const late = setTimeout(leave, this.#limits.waitMs);
      const waiter = { bytes, owner, grant: () => settle(this.#grant(response, bytes, owner)) };
      this.#waiters.push(waiter);
      response.once('close', leave);
      // those before may wait for the share of their own key
      this.#grantNext();
    });
  }

  #hasRoom(bytes: number, owner: string): boolean {
    const { totalBytes, perOwnerBytes, smallBytes } = this.#limits;
    if (bytes <= smallBytes) return this.#used + bytes <= totalBytes * 1.5;
    return this.#used + bytes <= totalBytes && this.#isWithinShare(bytes, owner, perOwnerBytes);
  }

  #isWithinShare(bytes: number, owner: string, share: number): boolean {
    return (this.#owners.get(owner) ?? 0) + bytes <= share;
  }

  #grant(response: ServerResponse, announced: number, owner: string): Hold {
    const counts = announced > this.#limits.smallBytes;
    let [body, answer] = [0, 0];
    const setBody = (bytes: number) => {
      this.#used += bytes - body;
      if (counts) this.#count(owner, bytes - body);
      body = bytes;
    };
    setBody(announced);
    const give = () => {
      setBody(0);
      this.#used -= answer;
      this.#grantNext();
    };
    if (response.destroyed) give();
    else response.once('close', give);
    return {
      setBody: (bytes) => {
        if (response.destroyed) return;
        setBody(bytes);
        if (bytes < announced) this.#grantNext();
      },
      addAnswer: (bytes) => {
        if (response.destroyed) return;
        answer += bytes;
        this.#used += bytes;
      },
    };
  }

  #count(owner: string, change: number): void {
    const bytes = (this.#owners.get(owner) ?? 0) + change;
    if (bytes > 0) this.#owners.set(owner, bytes);
    else this.#owners.delete(owner);
  }

  /** In their turn; whoever waits for the share of its own key holds up nobody else. */
  #grantNext(): void {
    for (const waiter of this.#waiters) {
      const { bytes, owner, grant } = waiter;
      if (this.#hasRoom(bytes, owner)) grant();
      else if (bytes <= this.#limits.smallBytes || this.#isWithinShare(bytes, owner, this.#limits.perOwnerBytes)) return;
    }
  }
}
