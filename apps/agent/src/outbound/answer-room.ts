/** Bytes of answers of one server that are being read. One of them goes on whatever the others hold, so that it ends. */
const MOST_BYTES = 32 * 1024 * 1024;
/** An answer that brings nothing for this long, while others wait, is not waited for. */
const STUCK_MS = 5_000;

/** An answer that is being read, which can be held back. `resume` is called from nothing that brings an answer. */
export interface HeldAnswer {
  pause(): void;
  resume(): void;
}

/**
 * Counts what answers of one server take of the memory while they are read. When it is too much, all but one are held back until it is less:
 * what is not read is not in memory but in the network. That one is the oldest of those that bring something.
 */
export class AnswerRoom {
  readonly #mostBytes: number;
  readonly #stuckMs: number;
  /** bytes of each, the oldest first */
  readonly #held = new Map<HeldAnswer, number>();
  readonly #paused = new Set<HeldAnswer>();
  /** have brought nothing since it was looked last */
  readonly #quiet = new Set<HeldAnswer>();
  /** have brought nothing for long although they might */
  readonly #stuck = new Set<HeldAnswer>();
  #timer: NodeJS.Timeout | null = null;
  #bytes = 0;
  #isToResume = false;

  constructor(mostBytes: number = MOST_BYTES, stuckMs: number = STUCK_MS) {
    this.#mostBytes = mostBytes;
    this.#stuckMs = stuckMs;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** So much of an answer is held now; 0: nothing, it is over or between two events. */
  set(answer: HeldAnswer, bytes: number): void {
    this.#bytes += bytes - (this.#held.get(answer) ?? 0);
    this.#quiet.delete(answer);
    this.#stuck.delete(answer);
    if (bytes > 0) this.#held.set(answer, bytes);
    else {
      this.#held.delete(answer);
      this.#paused.delete(answer);
    }
    if (this.#bytes > this.#mostBytes) this.#pauseNewer(answer);
    if (bytes === 0) this.#resumeLater();
  }

  #findFirst(): HeldAnswer | undefined {
    for (const answer of this.#held.keys()) if (!this.#stuck.has(answer)) return answer;
    return undefined;
  }

  #pauseNewer(answer: HeldAnswer): void {
    if (answer === this.#findFirst() || !this.#held.has(answer) || this.#paused.has(answer)) return;
    this.#paused.add(answer);
    this.#timer ??= setInterval(() => this.#passStuck(), this.#stuckMs).unref();
    answer.pause();
  }

  /** Those that are not held back and brought nothing between two looks are not waited for. */
  #passStuck(): void {
    for (const answer of this.#quiet) this.#stuck.add(answer);
    this.#quiet.clear();
    for (const answer of this.#held.keys()) if (!this.#paused.has(answer) && !this.#stuck.has(answer)) this.#quiet.add(answer);
    this.#resumeSome();
  }

  /**
   * Room is made from within the HTTP parser, which has brought the end of an answer, and there is one parser for all connections: to resume another one
   * there throws into the answer that has just ended, and leaves the other held back for good. So it is done when that is through.
   */
  #resumeLater(): void {
    if (this.#isToResume || !this.#timer) return;
    this.#isToResume = true;
    queueMicrotask(() => {
      this.#isToResume = false;
      this.#resumeSome();
    });
  }

  #resumeSome(): void {
    for (const answer of this.#paused) {
      if (answer !== this.#findFirst() && this.#bytes > this.#mostBytes) continue;
      this.#paused.delete(answer);
      answer.resume();
    }
    if (this.#paused.size > 0 || !this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
