/** Longest time in all, in spans of `idleMs`, that a server may take while it keeps sending. */
const MAX_SPANS = 5;

/**
 * Ends a call whose server says nothing for `idleMs`, or that takes five times as long in all. The time in which a person is asked does not
 * count. There is one timer per call, and a message only sets a flag that is read when the timer fires.
 */
export class Deadline {
  readonly #idleMs: number;
  readonly #stop: () => void;
  #timer: NodeJS.Timeout;
  #heard = false;
  #held = 0;
  #spans = 0;

  constructor(idleMs: number, stop: () => void) {
    this.#idleMs = idleMs;
    this.#stop = stop;
    this.#timer = this.#start();
  }

  /** The server said something. */
  touch(): void {
    this.#heard = true;
  }

  /** Stops the clock while `question` is open. */
  async pauseDuring<T>(question: Promise<T>): Promise<T> {
    this.#held += 1;
    try {
      return await question;
    } finally {
      this.#held -= 1;
      this.#heard = true;
    }
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #start(): NodeJS.Timeout {
    return setTimeout(() => {
      if (this.#held === 0) this.#spans += 1;
      if (this.#held === 0 && (!this.#heard || this.#spans >= MAX_SPANS)) return this.#stop();
      this.#heard = false;
      this.#timer = this.#start();
    }, this.#idleMs);
  }
}
