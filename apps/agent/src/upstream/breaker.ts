import { Backoff } from '@gatehouse/process/backoff';

import { createToldFailure } from './failure.ts';

const WAITS = { baseMs: 1_000, capMs: 60_000 };
/** An upstream that worked for this long waits the shortest time again when it fails. */
const STABLE_MS = 60_000;
/** A trial whose end is never reported keeps others waiting for this long at most. */
const TRIAL_MS = 30_000;

/** One attempt that was let through; exactly one of its three ends counts. */
export interface Attempt {
  succeed(): void;
  /** `weight`: as how many failures it counts */
  fail(weight?: number): void;
  /** it ended without saying anything about the upstream */
  drop(): void;
}

export interface BreakerOptions {
  /** weight of failures in a row after which attempts are refused */
  threshold: number;
  /** the message of a refusal; `seconds` until the next trial */
  describeRefusal: (seconds: number) => string;
  /** monotonic, milliseconds */
  readClock: () => number;
  random?: () => number;
}

/**
 * Keeps an upstream that fails again and again from being asked without pause: closed (attempts go through), open (refused until its time),
 * half open (one trial goes through, the rest is refused).
 */
export class Breaker {
  readonly #options: BreakerOptions;
  #failures = 0;
  /** counts how often it opened since it last worked for STABLE_MS */
  readonly #backoff: Backoff;
  #workingSince: number | null = null;
  #openUntil: number | null = null;
  #trialUntil = Number.NEGATIVE_INFINITY;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ ...WAITS, random: options.random });
  }

  /** Lets an attempt through. Throws UpstreamFailure when it is refused. */
  admit(): Attempt {
    const now = this.#options.readClock();
    if (this.#openUntil !== null) {
      const wait = Math.max(this.#openUntil, this.#trialUntil) - now;
      if (wait > 0) {
        const message = this.#options.describeRefusal(Math.ceil(wait / 1_000));
        throw createToldFailure('upstream_unreachable', message, { byUs: true });
      }
      this.#trialUntil = now + TRIAL_MS;
    }
    return new OpenAttempt(this);
  }

  /** Milliseconds until the next attempt is let through; 0 while nothing is refused. */
  getWaitMs(): number {
    return this.#openUntil === null ? 0 : Math.max(0, this.#openUntil - this.#options.readClock());
  }

  succeed(): void {
    this.#failures = 0;
    this.#openUntil = null;
    this.#trialUntil = Number.NEGATIVE_INFINITY;
    this.#workingSince ??= this.#options.readClock();
  }

  fail(weight = 1): void {
    const { readClock, threshold } = this.#options;
    const now = readClock();
    // attempts that were under way when it opened do not make the wait longer
    if (this.#openUntil !== null && this.#openUntil > now) return;
    if (this.#workingSince !== null && now - this.#workingSince > STABLE_MS) this.#backoff.reset();
    this.#workingSince = null;
    this.#failures += weight;
    this.#trialUntil = Number.NEGATIVE_INFINITY;
    if (this.#failures < threshold && this.#openUntil === null) return;
    this.#openUntil = now + this.#backoff.takeDelay();
  }

  /** The trial that is under way says nothing, so the next attempt is one. */
  dropTrial(): void {
    this.#trialUntil = Number.NEGATIVE_INFINITY;
  }
}

class OpenAttempt implements Attempt {
  #breaker: Breaker | null;

  constructor(breaker: Breaker) {
    this.#breaker = breaker;
  }

  succeed(): void {
    this.#end()?.succeed();
  }

  fail(weight?: number): void {
    this.#end()?.fail(weight);
  }

  drop(): void {
    this.#end()?.dropTrial();
  }

  /** The breaker, for the first of the ends. */
  #end(): Breaker | null {
    const breaker = this.#breaker;
    this.#breaker = null;
    return breaker;
  }
}
