import { ServiceError } from '../errors.ts';

export interface QueueLimits {
  /** pieces of work at the same time */
  atATime: number;
  /** pieces that wait for their turn in one lane */
  waiting: number;
  /** pieces under way or waiting that one origin has asked for */
  perOrigin: number;
}

/** So much work is under way that no more is taken on; try again after `retryAfterMs`. */
export class BusyError extends ServiceError {
  readonly retryAfterMs = 5_000;

  constructor() {
    super('unavailable', 'Too much is under way right now. Try again in a few seconds.');
  }
}

/** Who is known has turns before strangers, and places that they cannot fill: addresses of strangers are cheap. */
export type Lane = 'known' | 'strangers';

/** Who asks, where `origin` alone does not say it. */
export interface Asker {
  /** whose origins share one turn and the room of one: for those who have as many origins as they like */
  group?: string;
  lane?: Lane;
}

/** Turns of those who are known, one after the other, while strangers wait. */
const KNOWN_IN_A_ROW = 3;

/**
 * Work that takes long on a processor: so much at a time, so much waiting, the rest refused at once. Groups of origins take turns, and whoever
 * asks for little takes the place of whoever asks for much, so that no group can fill the queue or be in front of everybody else.
 */
export class BoundedQueue {
  readonly #limits: QueueLimits;
  readonly #underWay = new Map<string, number>();
  readonly #lanes = { known: new FairLane(), strangers: new FairLane() };
  #running = 0;
  #knownInARow = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get waiting(): number {
    return this.#lanes.known.size + this.#lanes.strangers.size;
  }

  /** Does `work` when its turn comes. Throws BusyError when there is no room for it, or none any more. */
  async run<T>(origin: string, work: () => Promise<T>, { group = origin, lane = 'strangers' }: Asker = {}): Promise<T> {
    const asked = this.#underWay.get(origin) ?? 0;
    if (asked >= this.#limits.perOrigin) throw new BusyError();
    this.#underWay.set(origin, asked + 1);
    try {
      await this.#takeTurn(group, this.#lanes[lane]);
      return await work().finally(() => this.#passTurn());
    } finally {
      const left = (this.#underWay.get(origin) ?? 1) - 1;
      if (left === 0) this.#underWay.delete(origin);
      else this.#underWay.set(origin, left);
    }
  }

  async #takeTurn(group: string, lane: FairLane): Promise<void> {
    const { atATime, waiting } = this.#limits;
    if (this.#running < atATime) this.#running += 1;
    else if (lane.size < waiting || lane.makeRoomFor(group)) await lane.wait(group);
    else throw new BusyError();
  }

  /** Whoever ends hands the turn over, so the number that runs stays. */
  #passTurn(): void {
    const { known, strangers } = this.#lanes;
    const isStrangersTurn = this.#knownInARow >= KNOWN_IN_A_ROW && strangers.size > 0;
    const fromKnown = !isStrangersTurn && known.size > 0;
    this.#knownInARow = fromKnown ? this.#knownInARow + 1 : 0;
    const begin = (fromKnown ? known : strangers).takeNext();
    if (begin) begin();
    else this.#running -= 1;
  }
}

interface Waiter {
  begin: () => void;
  refuse: (error: BusyError) => void;
}

/** Those who wait, by group. The order of the map is that of the turns: a group that had one goes to its end. */
class FairLane {
  readonly #byGroup = new Map<string, Waiter[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Resolves when the turn has come; rejects with BusyError when the place goes to another group. */
  wait(group: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiters = this.#byGroup.get(group) ?? [];
    this.#byGroup.set(group, [...waiters, { begin: resolve, refuse: reject }]);
    this.#size += 1;
    return promise;
  }

  takeNext(): (() => void) | undefined {
    const [next] = this.#byGroup;
    if (!next) return undefined;
    const [group, [first, ...others]] = next;
    this.#byGroup.delete(group);
    if (others.length > 0) this.#byGroup.set(group, others);
    this.#size -= 1;
    return first?.begin;
  }

  /** At the cost of the group that waits for most. False: `group` would wait for as much. */
  makeRoomFor(group: string): boolean {
    const [greediest] = [...this.#byGroup.entries()].toSorted(([, a], [, b]) => b.length - a.length);
    if (!greediest || greediest[1].length <= (this.#byGroup.get(group)?.length ?? 0) + 1) return false;
    greediest[1].pop()?.refuse(new BusyError());
    this.#size -= 1;
    return true;
  }
}
