import { UpstreamFailure } from './failure.ts';

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;
/** A process that ran this long starts with the shortest delay again. */
const STABLE_MS = 60_000;

/** Keeps a process that ends again and again from being started without pause. */
export class RestartBackoff {
  readonly #clock: () => number;
  #failures = 0;
  #startedAt: number | null = null;
  #notBefore = Number.NEGATIVE_INFINITY;

  /** `clock`: monotonic, milliseconds */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Throws UpstreamFailure while it is too early for another start. */
  check(): void {
    const wait = this.#notBefore - this.#clock();
    if (wait <= 0) return;
    const seconds = Math.ceil(wait / 1_000);
    throw new UpstreamFailure('upstream_unreachable', `The server process ended; it is started again in ${seconds} s.`);
  }

  started(): void {
    this.#startedAt = this.#clock();
  }

  /** The start failed, or the process ended. */
  failed(): void {
    const now = this.#clock();
    if (this.#startedAt !== null && now - this.#startedAt > STABLE_MS) this.#failures = 0;
    this.#startedAt = null;
    this.#failures += 1;
    const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** (this.#failures - 1));
    this.#notBefore = now + longest * (0.5 + Math.random() / 2);
  }
}
