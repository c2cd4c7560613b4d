export interface BackoffOptions {
  /** bound of the first wait, milliseconds */
  baseMs: number;
  /** bound of every wait, milliseconds */
  capMs: number;
  /** share of a wait that is random: 0 waits for the whole bound, 1 for anything up to it; half when left out */
  jitter?: number;
  random?: () => number;
}

/** A wait drawn evenly between two bounds, so that many who wait for the same thing do not go on at the same moment. */
export function drawDelay(fromMs: number, toMs: number, random: () => number = Math.random): number {
  return fromMs + (toMs - fromMs) * random();
}

/** 2 ** 20 is over any cap in use, and far from where numbers end */
const MOST_DOUBLINGS = 20;

/**
 * How long to wait between attempts that fail: up to a bound that doubles each time until its cap. A part of each wait is random, so that many
 * who failed at the same moment do not try again at the same moment.
 */
export class Backoff {
  readonly #options: BackoffOptions;
  #failures = 0;

  constructor(options: BackoffOptions) {
    this.#options = options;
  }

  /** Counts a failure. Milliseconds to wait before the next attempt. `retryAfterMs`: what the other side asks for in place of `baseMs`. */
  takeDelay(retryAfterMs: number | null = null): number {
    const { baseMs, capMs, jitter = 0.5, random = Math.random } = this.#options;
    const bound = Math.min(capMs, (retryAfterMs ?? baseMs) * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, MOST_DOUBLINGS);
    return drawDelay(bound * (1 - jitter), bound, random);
  }

  /** An attempt succeeded: the next wait is the shortest again. */
  reset(): void {
    this.#failures = 0;
  }
}
