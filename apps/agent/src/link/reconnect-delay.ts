import { Backoff, drawDelay, type BackoffOptions } from '@gatehouse/process/backoff';

/** How the last connection ended, as far as the next delay depends on it. */
export type LinkEnd =
  | { kind: 'failed' }
  /** the hub said that it restarts; `withinMs`: its hint */
  | { kind: 'restarting'; withinMs: number | null }
  /** the hub asked for less */
  | { kind: 'rate_limited' }
  /** the hub refuses this agent for good, unless an administrator changes that */
  | { kind: 'refused' };

export interface ReconnectTimings extends Pick<BackoffOptions, 'baseMs' | 'capMs'> {
  /** first delay after a restart of the hub, without a hint */
  restartMs: number;
  /** longest hint that is believed: a hub may not send an agent away for weeks */
  mostRestartMs: number;
  rateLimitedMs: number;
  refusedMs: number;
  /** a connection that lasted this long forgets the failures before it */
  stableMs: number;
}
export const RECONNECT: ReconnectTimings = {
  baseMs: 2_000,
  capMs: 60_000,
  restartMs: 15_000,
  mostRestartMs: 300_000,
  rateLimitedMs: 30_000,
  refusedMs: 300_000,
  stableMs: 60_000,
};

/** How long to wait before the next connection. Wholly random up to its bound, so that ten thousand agents do not come back together. */
export class ReconnectDelay {
  readonly #timings: ReconnectTimings;
  readonly #random: () => number;
  readonly #backoff: Backoff;

  constructor(timings: ReconnectTimings, random: () => number) {
    this.#timings = timings;
    this.#random = random;
    this.#backoff = new Backoff({ ...timings, jitter: 1, random });
  }

  /** Counts a failure, if it was one. Milliseconds to wait before the next attempt. `connectedMs`: how long the ended connection was ready, 0 when it never was. */
  takeDelay(end: LinkEnd, connectedMs: number): number {
    const { restartMs, mostRestartMs, rateLimitedMs, refusedMs, stableMs } = this.#timings;
    if (connectedMs >= stableMs) this.#backoff.reset();
    switch (end.kind) {
      case 'restarting':
        return drawDelay(0, Math.min(end.withinMs ?? restartMs, mostRestartMs), this.#random);
      case 'rate_limited':
        return drawDelay(rateLimitedMs, 2 * rateLimitedMs, this.#random);
      case 'refused':
        return drawDelay(refusedMs, 2 * refusedMs, this.#random);
      case 'failed':
        return this.#backoff.takeDelay();
    }
  }
}
