import { LimitReached, type TimedRequest } from '../upstream/failure.ts';

/** Timers may fire this much early, milliseconds. */
const EARLY_MS = 1;

/**
 * Ends a request whose server takes longer than its limits allow: to begin to answer, between two signs of life, and in all. The time in which
 * a person is asked does not count, and neither does the time until the server can be used, which has a limit of its own where it is spent.
 * There is one timer per request; a sign of life only notes the time, which is read when the timer fires.
 */
export class Deadline {
  readonly #stop: (reached: LimitReached) => void;
  #timed: TimedRequest | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** when the timer fires; monotonic, milliseconds, like all times here */
  #firesAt = Number.POSITIVE_INFINITY;
  #awaited: 'answer' | 'silence' = 'answer';
  /** since when it is waited */
  #since = 0;
  /** when the request as a whole began, later by every pause since */
  #beganAt = 0;
  /** pauses that are open, and since when there are any */
  #held = 0;
  #heldSince = 0;
  #ended = false;

  constructor(stop: (reached: LimitReached) => void) {
    this.#stop = stop;
  }

  /** The request goes to the server now. Called again for a further round, which is waited for anew by its own limits; the time in all goes on. */
  begin(timed: TimedRequest): void {
    const now = performance.now();
    if (!this.#timed) this.#beganAt = now;
    this.#timed = timed;
    this.#awaited = 'answer';
    this.#since = now;
    this.#arm(now);
  }

  /** The server said something. */
  touch(): void {
    this.#awaited = 'silence';
    this.#since = performance.now();
    // the next sign of life may be due before the first one was
    if (this.#held === 0) this.#arm(this.#since);
  }

  /** Stops the clock while a person is asked, or the server is made ready. */
  async pauseDuring<T>(pending: Promise<T>): Promise<T> {
    if (this.#held === 0) this.#heldSince = performance.now();
    this.#held += 1;
    try {
      return await pending;
    } finally {
      this.#held -= 1;
      if (this.#held === 0) this.#resume();
    }
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  #resume(): void {
    this.#beganAt += performance.now() - this.#heldSince;
    this.touch();
  }

  /** What is due first, and when. */
  #findDue({ limits }: TimedRequest): { name: 'answer' | 'silence' | 'total'; at: number } {
    const at = this.#since + limits[this.#awaited].ms;
    const endsAt = this.#beganAt + limits.total.ms;
    return at < endsAt ? { name: this.#awaited, at } : { name: 'total', at: endsAt };
  }

  /** One that fires too early is armed again then. */
  #arm(now: number): void {
    if (!this.#timed || this.#ended) return;
    const { at } = this.#findDue(this.#timed);
    if (this.#firesAt <= at) return;
    clearTimeout(this.#timer);
    this.#firesAt = at;
    this.#timer = setTimeout(() => this.#stopIfDue(), Math.max(0, at - now));
  }

  #stopIfDue(): void {
    this.#firesAt = Number.POSITIVE_INFINITY;
    if (!this.#timed || this.#held > 0) return;
    const now = performance.now();
    const { name, at } = this.#findDue(this.#timed);
    if (at - now > EARLY_MS) this.#arm(now);
    else this.#stop(new LimitReached(name, this.#timed));
  }
}
