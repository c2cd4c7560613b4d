import type { IncomingMessage, ServerResponse } from 'node:http';

import { hasFairRoom } from '@gatehouse/policy/limits/fair-share';

import type { IdleCollection } from './idle-collection.ts';
import { MAX_BODY_BYTES } from './request.ts';
import { countWaiting, cutReader } from './stalled-readers.ts';

/** Bounds on what requests and their answers take of the agent's memory. */
export interface InFlightLimits {
  /** bytes of bodies of all requests under way; half as much again for requests of no more than `smallBytes` */
  totalBytes: number;
  /**
   * bytes of answers of one client key that were not read yet; over it no more is read of what servers answer to it. Of what comes all the same, by
   * pipes, the one that waits longest is cut off when there is twice as much
   */
  unreadBytes: number;
  /** a body up to this waits in no turn */
  smallBytes: number;
  /** requests that may wait for room */
  waiting: number;
  /** milliseconds that a request waits for room before it is refused; its body has to come within the time for a whole request */
  waitMs: number;
}

/** Megabytes, unless the site says otherwise. */
export const IN_FLIGHT_MB = 16;

export function chooseInFlight(megabytes: number): Pick<InFlightLimits, 'totalBytes' | 'unreadBytes'> {
  const totalBytes = megabytes * 1024 * 1024;
  return { totalBytes, unreadBytes: totalBytes * 4 };
}

/** Between two looks at how much a key has read, milliseconds. */
const LOOK_MS = 100;

export const IN_FLIGHT_LIMITS: InFlightLimits = {
  ...chooseInFlight(IN_FLIGHT_MB),
  smallBytes: 64 * 1024,
  waiting: 1_000,
  waitMs: 15_000,
};

/** Room that one request takes until its response is over, whoever reads it how slowly. */
export interface Hold {
  /** Other bytes of the body than were announced. */
  setBody(bytes: number): void;
  /** The answer, which waits in memory until it is read. It is there already, so it waits for no room; what its key sends next does. */
  addAnswer(bytes: number): void;
  /**
   * Resolves when the key has read enough of its answers that more of what servers answer to it may be read; null: it has. The same promise for as long as
   * it waits. A client that reads nothing is cut off, and what was kept for it is gone.
   */
  waitForReader(): Promise<void> | null;
}

interface Waiter {
  bytes: number;
  grant: () => void;
}

/** A wait until a key has read what was kept for it. */
interface Reading {
  promise: Promise<void>;
  end: () => void;
}

/** One client key. */
interface Owner {
  /** of bodies, and of answers that were not read yet */
  bytes: number;
  /** requests that have room, those without a body as well */
  holds: number;
  /** of the latter, by the response that they wait for, the oldest first */
  readonly unread: Map<ServerResponse, number>;
  /** sum of these */
  unreadBytes: number;
  /** while the key has read too little for more */
  reading: Reading | null;
  /** in their turn */
  readonly waiters: Set<Waiter>;
}

/**
 * Counts the bytes of requests under way, so that together they stay below a bound. A request that does not fit waits before anything of its body
 * is read; what waits is not in memory but in the network.
 *
 * One key never shuts out another: its first request needs nothing but room, and every further one has to leave as much free as the key holds, which
 * is half of everything for one key alone and less the more there are. What it has not read of its answers counts for it and for nobody else. Room
 * that was given back goes to the key that holds least.
 */
export class InFlight {
  readonly #limits: InFlightLimits;
  readonly #collection: IdleCollection | null;
  readonly #owners = new Map<string, Owner>();
  /** bytes of bodies */
  #used = 0;
  #waiting = 0;
  #granting = false;

  /** `collection`: told of what is over; null: nobody is */
  constructor(limits: Partial<InFlightLimits> = {}, collection: IdleCollection | null = null) {
    this.#limits = { ...IN_FLIGHT_LIMITS, ...limits };
    this.#collection = collection;
  }

  /**
   * Room for the body of a request, given back when its response is closed. Null when there is none and none came in time, or when the client
   * left meanwhile. A body of unknown length counts as the longest until it is read.
   */
  take(request: IncomingMessage, response: ServerResponse, ownerId: string): Hold | Promise<Hold | null> {
    const announced = request.headers['content-length'];
    const bytes = Math.min(announced === undefined ? MAX_BODY_BYTES : Number(announced), MAX_BODY_BYTES);
    const owner = this.#owners.get(ownerId) ?? createOwner();
    this.#owners.set(ownerId, owner);
    const isFirst = this.#waiting === 0 || bytes <= this.#limits.smallBytes;
    if (isFirst && this.#hasRoom(bytes, owner)) return this.#grant(response, bytes, ownerId, owner);
    if (!this.#mayWait(owner)) {
      this.#forget(ownerId, owner);
      return Promise.resolve(null);
    }
    this.#waiting += 1;
    return new Promise((resolve) => {
      const settle = (hold: Hold | null) => {
        clearTimeout(late);
        response.off('close', leave);
        owner.waiters.delete(waiter);
        this.#waiting -= 1;
        this.#forget(ownerId, owner);
        resolve(hold);
      };
      // whoever waited behind it may fit
      const leave = () => {
        settle(null);
        this.#grantNext();
      };
      const late = setTimeout(leave, this.#limits.waitMs);
      const waiter = { bytes, grant: () => settle(this.#grant(response, bytes, ownerId, owner)) };
      owner.waiters.add(waiter);
      response.once('close', leave);
      // those before may wait for their own key
      this.#grantNext();
    });
  }

  #hasRoom(bytes: number, owner: Owner): boolean {
    const isSmall = bytes <= this.#limits.smallBytes;
    return hasFairRoom(bytes, { most: this.#limits.totalBytes * (isSmall ? 1.5 : 1), used: this.#used, own: owner.bytes });
  }

  /** As with bytes: one key leaves others as many places as it has taken. */
  #mayWait({ waiters }: Owner): boolean {
    return hasFairRoom(1, { most: this.#limits.waiting, used: this.#waiting, own: waiters.size });
  }

  #grant(response: ServerResponse, announced: number, ownerId: string, owner: Owner): Hold {
    let body = 0;
    const setBody = (bytes: number) => {
      this.#used += bytes - body;
      owner.bytes += bytes - body;
      body = bytes;
    };
    setBody(announced);
    owner.holds += 1;
    let most = 0;
    const give = () => {
      most += body;
      setBody(0);
      owner.holds -= 1;
      const own = owner.unread.get(response) ?? 0;
      owner.bytes -= own;
      owner.unreadBytes -= own;
      owner.unread.delete(response);
      if (!this.#isBehind(owner)) owner.reading?.end();
      this.#forget(ownerId, owner);
      this.#grantNext();
      this.#collection?.note(most, this.#owners.size === 0);
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
        most += bytes;
        owner.bytes += bytes;
        owner.unreadBytes += bytes;
        owner.unread.set(response, (owner.unread.get(response) ?? 0) + bytes);
        this.#cutLongest(owner);
      },
      waitForReader: () => {
        if (response.destroyed || !this.#isBehind(owner)) return null;
        return (owner.reading ??= this.#beginReading(owner)).promise;
      },
    };
  }

  /** What may wait for the key does. */
  #isBehind({ unread, unreadBytes }: Owner): boolean {
    const most = this.#limits.unreadBytes;
    return unreadBytes > most && sumBytes(findWaiting(unread)) > most;
  }

  /** Nothing tells how far an answer is read before its end, so that is looked at again and again. */
  #beginReading(owner: Owner): Reading {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setInterval(() => this.#isBehind(owner) || end(), LOOK_MS).unref();
    const end = () => {
      clearInterval(timer);
      owner.reading = null;
      resolve();
    };
    return { promise, end };
  }

  #cutLongest({ unread, unreadBytes }: Owner): void {
    const most = this.#limits.unreadBytes * 2;
    if (unreadBytes <= most) return;
    const waiting = findWaiting(unread);
    let bytes = sumBytes(waiting);
    for (const [response, own] of waiting) {
      if (bytes <= most || unread.size === 1) return;
      bytes -= own;
      cutReader(response.req.socket);
    }
  }

  #forget(ownerId: string, owner: Owner): void {
    if (owner.holds === 0 && owner.waiters.size === 0) this.#owners.delete(ownerId);
  }

  /** Gives what is free to those who wait, one after the other. What is given back meanwhile is given by the same loop. */
  #grantNext(): void {
    if (this.#granting) return;
    this.#granting = true;
    for (let next = this.#selectNext(); next; next = this.#selectNext()) next.grant();
    this.#granting = false;
  }

  /** The oldest request, of the key that holds least, that has room. Where a larger one waits for nothing but room, only small ones go before it. */
  #selectNext(): Waiter | null {
    if (this.#waiting === 0) return null;
    const owners = [...this.#owners.values()].filter(({ waiters }) => waiters.size > 0);
    let kept = false;
    for (const owner of owners.toSorted((a, b) => a.bytes - b.bytes)) {
      for (const waiter of owner.waiters) {
        const isSmall = waiter.bytes <= this.#limits.smallBytes;
        if ((isSmall || !kept) && this.#hasRoom(waiter.bytes, owner)) return waiter;
        // its key holds nothing: it waits for the room of all
        if (!isSmall && owner.bytes === 0) kept = true;
      }
    }
    return null;
  }
}

function createOwner(): Owner {
  return { bytes: 0, holds: 0, unread: new Map(), unreadBytes: 0, reading: null, waiters: new Set() };
}

/** Of an answer that is being read only what is left of it waits. */
function findWaiting(unread: ReadonlyMap<ServerResponse, number>): Map<ServerResponse, number> {
  return new Map(Array.from(unread, ([response, own]) => [response, Math.min(own, countWaiting(response.req.socket))]));
}

function sumBytes(answers: ReadonlyMap<ServerResponse, number>): number {
  let sum = 0;
  for (const bytes of answers.values()) sum += bytes;
  return sum;
}
