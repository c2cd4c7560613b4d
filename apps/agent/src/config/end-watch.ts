import type { CurrentConfig } from './current.ts';

/** The clock of a machine may be set meanwhile, and no timer is longer than 24 days. */
const LONGEST_MS = 60_000;

/**
 * Ends approvals when their end comes also while nobody calls, so that clients that listen are told of it. Calls go by the clock themselves. Until
 * `close`.
 */
export class EndWatch {
  readonly #current: CurrentConfig;
  readonly #now: () => number;
  readonly #unsubscribe: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(current: CurrentConfig, now: () => number) {
    this.#current = current;
    this.#now = now;
    this.#unsubscribe = current.onChange(() => this.#schedule(current.getNextEnd()));
    this.#look();
  }

  close(): void {
    this.#unsubscribe();
    clearTimeout(this.#timer);
  }

  #look(): void {
    this.#schedule(this.#current.endApprovals(this.#now()));
  }

  #schedule(nextEnd: number): void {
    clearTimeout(this.#timer);
    if (nextEnd === Infinity) return;
    this.#timer = setTimeout(() => this.#look(), Math.min(Math.max(nextEnd - this.#now(), 0), LONGEST_MS)).unref();
  }
}
