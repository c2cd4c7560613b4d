/** Bytes of answers of one server that are being read. The one that began first goes on whatever the others hold, so that it ends. */
const MOST_BYTES = 32 * 1024 * 1024;

/** An answer that is being read, which can be held back. `resume` is called from nothing that brings an answer. */
export interface HeldAnswer {
  pause(): void;
  resume(): void;
}

/**
 * Counts what answers of one server take of the memory while they are read. When it is too much, all but the oldest are held back until it is less:
 * what is not read is not in memory but in the network.
 */
export class AnswerRoom {
  readonly #mostBytes: number;
  /** bytes of each, the oldest first */
  readonly #held = new Map<HeldAnswer, number>();
  readonly #paused = new Set<HeldAnswer>();
  #bytes = 0;
  #isLettingOn = false;

  constructor(mostBytes: number = MOST_BYTES) {
    this.#mostBytes = mostBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** So much of an answer is held now; 0: nothing, it is over or between two events. */
  set(answer: HeldAnswer, bytes: number): void {
    this.#bytes += bytes - (this.#held.get(answer) ?? 0);
    if (bytes > 0) this.#held.set(answer, bytes);
    else {
      this.#held.delete(answer);
      this.#paused.delete(answer);
    }
    if (this.#bytes > this.#mostBytes) this.#pauseNewer(answer);
    if (bytes === 0) this.#letOn();
  }

  #pauseNewer(answer: HeldAnswer): void {
    const [oldest] = this.#held.keys();
    if (answer === oldest || !this.#held.has(answer) || this.#paused.has(answer)) return;
    this.#paused.add(answer);
    answer.pause();
  }

  /**
   * Room is made from within the HTTP parser, which has brought the end of an answer, and there is one parser for all connections: to resume another one
   * there throws into the answer that has just ended, and leaves the other held back for good. So it is done when that is through.
   */
  #letOn(): void {
    if (this.#isLettingOn || this.#paused.size === 0) return;
    this.#isLettingOn = true;
    queueMicrotask(() => {
      this.#isLettingOn = false;
      this.#resumeSome();
    });
  }

  #resumeSome(): void {
    const [oldest] = this.#held.keys();
    for (const answer of this.#paused) {
      if (answer !== oldest && this.#bytes > this.#mostBytes) continue;
      this.#paused.delete(answer);
      answer.resume();
    }
  }
}
