/** How the last connection ended, as far as the next delay depends on it. */
export type LinkEnd =
  | { kind: 'failed' }
  /** the hub said that it restarts; `withinMs`: its hint */
  | { kind: 'restarting'; withinMs: number | null }
  /** the hub asked for less */
  | { kind: 'rate_limited' }
  /** the hub refuses this agent for good, unless an administrator changes that */
  | { kind: 'refused' };

export interface BackoffTimings {
  baseMs: number;
  capMs: number;
  /** first delay after a restart of the hub, without a hint */
  restartMs: number;
  rateLimitedMs: number;
  refusedMs: number;
  /** a connection that lasted this long forgets the failures before it */
  stableMs: number;
}
export const BACKOFF: BackoffTimings = {
  baseMs: 1_000,
  capMs: 60_000,
  restartMs: 15_000,
  rateLimitedMs: 30_000,
  refusedMs: 300_000,
  stableMs: 60_000,
};

/** Full jitter: any delay up to a doubling bound, so that ten thousand agents do not come back together. */
export class Backoff {
  readonly #timings: BackoffTimings;
  readonly #random: () => number;
  #failures = 0;

  constructor(timings: BackoffTimings, random: () => number) {
    this.#timings = timings;
    this.#random = random;
  }

  /** Milliseconds to wait before the next attempt. `connectedMs`: how long the ended connection was ready, 0 when it never was. */
  next(end: LinkEnd, connectedMs: number): number {
    const { baseMs, capMs, restartMs, rateLimitedMs, refusedMs, stableMs } = this.#timings;
    if (connectedMs >= stableMs) this.#failures = 0;
    switch (end.kind) {
      case 'restarting':
        return this.#random() * (end.withinMs ?? restartMs);
      case 'rate_limited':
        return rateLimitedMs * (1 + this.#random());
      case 'refused':
        return refusedMs * (1 + this.#random());
      case 'failed':
        this.#failures += 1;
        return this.#random() * Math.min(capMs, baseMs * 2 ** Math.min(this.#failures, 20));
    }
  }
}
