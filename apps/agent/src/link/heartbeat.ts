/** Intervals without a word from the hub after which the connection counts as dead. */
const DEAD_AFTER = 2.5;

export interface HeartbeatOptions {
  intervalMs: number;
  random: () => number;
  beat: () => void;
  onDead: () => void;
}

/** Beats at once, then at a fixed interval with a random phase, and watches that the hub still speaks. Stop it with the connection. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #beatTimer: NodeJS.Timeout;
  #deadTimer: NodeJS.Timeout;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    const { intervalMs, random, beat } = options;
    beat();
    this.#beatTimer = setTimeout(() => {
      beat();
      this.#beatTimer = setInterval(beat, intervalMs);
    }, random() * intervalMs);
    this.#deadTimer = this.#watch();
  }

  /** Something arrived from the hub. */
  touch(): void {
    this.#deadTimer.refresh();
  }

  stop(): void {
    clearTimeout(this.#beatTimer);
    clearTimeout(this.#deadTimer);
  }

  #watch(): NodeJS.Timeout {
    return setTimeout(this.#options.onDead, this.#options.intervalMs * DEAD_AFTER);
  }
}
