import { followSignal } from '../abort.ts';
import { NotSent, type UpstreamFailure } from '../failure.ts';

/** The requests that a connection has in flight, so that its end is theirs too. */
export class InFlight {
  readonly #stops = new Set<AbortController>();
  #ended: UpstreamFailure | null = null;

  /** Runs a task with a signal that follows the caller's and the connection's. Rejects as the task does, or with NotSent. */
  async run<T>(signal: AbortSignal, task: (stop: AbortSignal) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    if (this.#ended) throw new NotSent(this.#ended);
    const stop = new AbortController();
    const unfollow = followSignal(signal, stop);
    this.#stops.add(stop);
    try {
      return await task(stop.signal);
    } catch (error) {
      throw stop.signal.aborted ? stop.signal.reason : error;
    } finally {
      this.#stops.delete(stop);
      unfollow();
    }
  }

  /** Ends what is in flight with this error, and everything that would still come. */
  end(reason: UpstreamFailure): void {
    this.#ended ??= reason;
    for (const stop of this.#stops) stop.abort(reason);
  }
}
