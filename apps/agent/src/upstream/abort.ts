import { CallStopped, NotSent, type UpstreamFailure } from './failure.ts';

/**
 * Aborts a controller as soon as a signal is aborted. Returns what ends that; call it, or a signal that lives long keeps the controller.
 * In place of AbortSignal.any, which costs several times as much and leaves a record on each source.
 */
export function followSignal(signal: AbortSignal, controller: AbortController): () => void {
  const follow = () => controller.abort(signal.reason);
  if (signal.aborted) follow();
  else signal.addEventListener('abort', follow, { once: true });
  return () => signal.removeEventListener('abort', follow);
}

/**
 * Runs a task under a signal that follows the given one and is aborted after some milliseconds, with CallStopped. Rejects with the reason of
 * its signal once that is aborted, else as the task does.
 */
export async function runWithin<T>(
  milliseconds: number,
  signal: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const stop = new AbortController();
  const unfollow = followSignal(signal, stop);
  const timer = setTimeout(() => stop.abort(new CallStopped('upstream_timeout')), milliseconds);
  try {
    return await task(stop.signal);
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    clearTimeout(timer);
    unfollow();
  }
}

/** What the promise resolves with, or a rejection with the signal's reason as soon as it is aborted. A value that is there is not waited for. */
export async function raceAbort<T>(promise: Promise<T> | T, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  if (!(promise instanceof Promise)) return promise;
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** One request in flight, until it is disposed. Who runs it rejects with the signal's reason once that is aborted, whatever broke then. */
export interface Flight extends Disposable {
  /** follows the caller's signal and the end of the connection */
  signal: AbortSignal;
}

/** The requests that a connection has in flight, so that its end is theirs too. */
export class InFlight {
  readonly #stops = new Set<AbortController>();
  #ended: UpstreamFailure | null = null;

  /** Begins one request. Throws the reason of a signal that is aborted already, or NotSent when the connection has ended. */
  begin(signal: AbortSignal): Flight {
    signal.throwIfAborted();
    if (this.#ended) throw new NotSent(this.#ended);
    const stop = new AbortController();
    const unfollow = followSignal(signal, stop);
    this.#stops.add(stop);
    return {
      signal: stop.signal,
      [Symbol.dispose]: () => {
        this.#stops.delete(stop);
        unfollow();
      },
    };
  }

  /** Ends what is in flight with this error, and everything that would still come. */
  end(reason: UpstreamFailure): void {
    this.#ended ??= reason;
    for (const stop of this.#stops) stop.abort(reason);
  }
}
