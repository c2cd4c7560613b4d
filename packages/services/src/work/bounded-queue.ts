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

/** Who is known has turns before all strangers, and places that they cannot fill: addresses of strangers are cheap. */
export type Lane = 'known' | 'strangers';

/**
 * Work that takes long on a processor: so much at a time, so much waiting, the rest refused at once. What one origin asks for can neither
 * fill the queue nor be in front of everybody else's.
 */
export class BoundedQueue {
  readonly #limits: QueueLimits;
  readonly #perOrigin = new Map<string, number>();
  readonly #turns: Record<Lane, (() => void)[]> = { known: [], strangers: [] };
  #running = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get waiting(): number {
    return this.#turns.known.length + this.#turns.strangers.length;
  }

  /** Does `work` when its turn comes. Throws BusyError at once when there is no room for it. */
  async run<T>(origin: string, work: () => Promise<T>, lane: Lane = 'strangers'): Promise<T> {
    const { atATime, waiting, perOrigin } = this.#limits;
    const asked = this.#perOrigin.get(origin) ?? 0;
    const isFull = this.#running >= atATime && this.#turns[lane].length >= waiting;
    if (isFull || asked >= perOrigin) throw new BusyError();
    this.#perOrigin.set(origin, asked + 1);
    try {
      await this.#takeTurn(lane);
      return await work();
    } finally {
      this.#endTurn(origin);
    }
  }

  async #takeTurn(lane: Lane): Promise<void> {
    if (this.#running < this.#limits.atATime) this.#running += 1;
    // whoever ends hands the turn over, so the number that runs stays
    else await new Promise<void>((resolve) => this.#turns[lane].push(resolve));
  }

  #endTurn(origin: string): void {
    const next = this.#turns.known.shift() ?? this.#turns.strangers.shift();
    if (next) next();
    else this.#running -= 1;
    const left = (this.#perOrigin.get(origin) ?? 1) - 1;
    if (left === 0) this.#perOrigin.delete(origin);
    else this.#perOrigin.set(origin, left);
  }
}
