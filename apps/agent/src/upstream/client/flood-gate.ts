import type { ServerMessage } from '../../wire/json-rpc.ts';

const WINDOW_MS = 1_000;
const MESSAGES_PER_WINDOW = 100;

const readPerformanceClock = () => performance.now();

/**
 * Lets at most 100 notifications a second through. Of the rest of a second only the newest is kept; it goes out with the next one that may, or
 * with `flush`. Requests of the server always pass, because each waits for its answer.
 */
export class FloodGate {
  readonly #deliver: (message: ServerMessage) => void;
  readonly #readClock: () => number;
  #windowStart = Number.NEGATIVE_INFINITY;
  #passed = 0;
  #held: ServerMessage | null = null;
  #dropped = 0;

  /** `readClock`: monotonic, milliseconds */
  constructor(deliver: (message: ServerMessage) => void, readClock: () => number = readPerformanceClock) {
    this.#deliver = deliver;
    this.#readClock = readClock;
  }

  /** messages that were dropped for a newer one */
  get dropped(): number {
    return this.#dropped;
  }

  take(message: ServerMessage): void {
    const now = this.#readClock();
    if (now - this.#windowStart >= WINDOW_MS) {
      this.flush();
      this.#windowStart = now;
      this.#passed = 0;
    }
    if (message.id !== undefined) {
      this.flush();
      return this.#deliver(message);
    }
    this.#passed += 1;
    if (this.#passed <= MESSAGES_PER_WINDOW) return this.#deliver(message);
    if (this.#held) this.#dropped += 1;
    this.#held = message;
  }

  /** Delivers what is held back. To be called before the answer is. */
  flush(): void {
    const held = this.#held;
    this.#held = null;
    if (held) this.#deliver(held);
  }
}
