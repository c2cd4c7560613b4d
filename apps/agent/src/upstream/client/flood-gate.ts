import type { ServerMessage } from '../../wire/json-rpc.ts';
import { NOTIFICATION } from '../../wire/protocol.ts';

const WINDOW_MS = 1_000;

const readPerformanceClock = () => performance.now();

/**
 * Hands the notifications of a pipe on, which cannot be held back for one client without holding up the others: while the receiver is full only the newest is
 * kept. It goes out when there is room again, or with `flush`, and behind it a log message that says how many were dropped. Requests of the
 * server always pass, because each waits for its answer.
 */
export class FloodGate {
  readonly #deliver: (message: ServerMessage) => void;
  readonly #isFull: () => boolean;
  #held: ServerMessage | null = null;
  #untold = 0;
  #dropped = 0;

  /** `isFull`: asked once for each notification */
  constructor(deliver: (message: ServerMessage) => void, isFull: () => boolean) {
    this.#deliver = deliver;
    this.#isFull = isFull;
  }

  /** messages that were dropped for a newer one */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether one waits for room. */
  get isHolding(): boolean {
    return this.#held !== null;
  }

  take(message: ServerMessage): void {
    if (message.id !== undefined || !this.#isFull()) {
      this.flush();
      return this.#deliver(message);
    }
    if (this.#held) {
      this.#dropped += 1;
      this.#untold += 1;
    }
    this.#held = message;
  }

  /** Delivers what is held back, and says what was dropped. To be called before the answer is delivered. */
  flush(): void {
    const held = this.#held;
    const untold = this.#untold;
    this.#held = null;
    this.#untold = 0;
    if (held) this.#deliver(held);
    if (untold > 0) this.#deliver({ method: NOTIFICATION.message, params: { ...NOTE, data: describeDropped(untold) } });
  }
}

const NOTE = { level: 'warning', logger: 'gatehouse' };

function describeDropped(count: number): string {
  const what = count === 1 ? '1 notification of this server was' : `${count} notifications of this server were`;
  return `${what} not passed on: they came faster than they could be read.`;
}

/** Full once so many were let through within a second. `readClock`: monotonic, milliseconds */
export function limitRate(perSecond: number, readClock: () => number = readPerformanceClock): () => boolean {
  let windowStart = Number.NEGATIVE_INFINITY;
  let passed = 0;
  return () => {
    const now = readClock();
    if (now - windowStart >= WINDOW_MS) {
      windowStart = now;
      passed = 0;
    }
    passed += 1;
    return passed > perSecond;
  };
}
