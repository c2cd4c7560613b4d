import { addAbortListener } from 'node:events';

import { CallStopped, LimitReached, NotSent, type TimedRequest, type UpstreamFailure } from './failure.ts';

/**
 * Aborts a controller as soon as a signal is aborted. Dispose it at the end, or a signal that lives long keeps the controller. In place of
 * AbortSignal.any: docs/decisions/0008-signals-are-followed.md.
 */
export function followSignal(signal: AbortSignal, controller: AbortController): Disposable {
  return addAbortListener(signal, () => controller.abort(signal.reason));
}

/**
 * Runs a task under a signal that follows the given one and is aborted after some milliseconds, with CallStopped or `reason`. Rejects with the reason of
 * its signal once that is aborted, else as the task does.
 */
export async function runWithin<T>(
  milliseconds: number,
  signal: AbortSignal,
  task: (signal: AbortSignal) => Promise<T>,
  reason?: () => CallStopped,
): Promise<T> {
  signal.throwIfAborted();
  const stop = new AbortController();
  using _following = followSignal(signal, stop);
  const timer = setTimeout(() => stop.abort(reason?.() ?? new CallStopped('upstream_timeout')), milliseconds);
  try {
    return await task(stop.signal);
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

/** The same for what makes a server ready: as long as its limit `start` allows. */
export function runToStart<T>(timed: TimedRequest, signal: AbortSignal, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return runWithin(timed.limits.start.ms, signal, task, () => new LimitReached('start', timed));
}

/** The same for a request that brings nothing but its answer: as long as its limits `answer` and `total` allow. */
export function runToAnswer<T>(timed: TimedRequest, signal: AbortSignal, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { answer, total } = timed.limits;
  const { name, ms } = answer.ms < total.ms ? answer : total;
  return runWithin(ms, signal, task, () => new LimitReached(name, timed));
}

/** What the promise resolves with, or a rejection with the signal's reason as soon as it is aborted. */
export async function raceAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  using _listening = addAbortListener(signal, () => aborted.reject(signal.reason));
  return await Promise.race([promise, aborted.promise]);
}

/** The requests that a connection has in flight, so that its end is theirs too. */
export class InFlight {
  readonly #stops = new Set<AbortController>();
  #ended: UpstreamFailure | null = null;

  /**
   * Runs one request under a signal that follows the caller's and the end of the connection. The request rejects with the reason of that signal once it
   * is aborted, whatever broke then. Rejects with the reason of a signal that is aborted already, or NotSent when the connection has ended.
   */
  async run<T>(signal: AbortSignal, request: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    if (this.#ended) throw new NotSent(this.#ended);
    const stop = new AbortController();
    const follow = () => stop.abort(signal.reason);
    signal.addEventListener('abort', follow);
    this.#stops.add(stop);
    try {
      return await request(stop.signal);
    } finally {
      this.#stops.delete(stop);
      signal.removeEventListener('abort', follow);
    }
  }

  /** Ends what is in flight with this error, and everything that would still come. */
  end(reason: UpstreamFailure): void {
    this.#ended ??= reason;
    for (const stop of this.#stops) stop.abort(reason);
  }
}
