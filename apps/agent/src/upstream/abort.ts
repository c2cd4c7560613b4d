import { addAbortListener } from 'node:events';

import type { OnNoRoom } from '../outbound/answer-bound.ts';
import { CallStopped, LimitReached, NotSent, type TimedRequest, type UpstreamFailure } from './failure.ts';

/**
 * Aborts a controller as soon as a signal is aborted. Dispose it at the end, or a signal that lives long keeps the controller. In place of
 * AbortSignal.any: docs/decisions/0008-signals-are-followed.md.
 */
export function followSignal(signal: AbortSignal, controller: AbortController): Disposable {
  return addAbortListener(signal, () => controller.abort(signal.reason));
}

type Task<T> = (signal: AbortSignal, onNoRoom: OnNoRoom) => Promise<T>;

/**
 * Runs a task under a signal that follows the given one and is aborted after some milliseconds, with CallStopped or `reason`; the time in which its answer
 * waits for room in this agent does not count. Rejects with the reason of its signal once that is aborted, else as the task does.
 */
export async function runWithin<T>(
  milliseconds: number,
  signal: AbortSignal,
  task: Task<T>,
  reason?: () => CallStopped,
): Promise<T> {
  signal.throwIfAborted();
  const stop = new AbortController();
  using _following = followSignal(signal, stop);
  using countdown = new Countdown(milliseconds, () => stop.abort(reason?.() ?? new CallStopped('upstream_timeout')));
  try {
    return await task(stop.signal, (over) => countdown.pauseUntil(over));
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  }
}

/** A timer that can be stopped for a while. */
class Countdown implements Disposable {
  readonly #onOver: () => void;
  #leftMs: number;
  #since = performance.now();
  #pauses = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(milliseconds: number, onOver: () => void) {
    this.#onOver = onOver;
    this.#leftMs = milliseconds;
    this.#timer = setTimeout(onOver, milliseconds);
  }

  /** `over` must not reject. */
  pauseUntil(over: Promise<void>): void {
    if (this.#pauses === 0) {
      clearTimeout(this.#timer);
      this.#leftMs -= performance.now() - this.#since;
    }
    this.#pauses += 1;
    void over.then(() => this.#resume());
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    // what still waits arms it no more
    this.#pauses = Infinity;
  }

  #resume(): void {
    this.#pauses -= 1;
    if (this.#pauses > 0) return;
    this.#since = performance.now();
    this.#timer = setTimeout(this.#onOver, Math.max(0, this.#leftMs));
  }
}

/** The same for what makes a server ready: as long as its limit `start` allows. */
export function runToStart<T>(timed: TimedRequest, signal: AbortSignal, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return runWithin(timed.limits.start.ms, signal, task, () => new LimitReached('start', timed));
}

/** The same for a request that brings nothing but its answer: as long as its limits `answer` and `total` allow. */
export function runToAnswer<T>(timed: TimedRequest, signal: AbortSignal, task: Task<T>): Promise<T> {
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
  readonly #flights = new Set<Flight>();
  #ended: UpstreamFailure | null = null;

  /** Begins one request, which has to be ended. Throws the reason of a signal that is aborted already, or NotSent when the connection has ended. */
  begin(signal: AbortSignal): Flight {
    signal.throwIfAborted();
    if (this.#ended) throw new NotSent(this.#ended);
    const flight = new Flight(this.#flights, signal);
    this.#flights.add(flight);
    return flight;
  }

  /** Ends what is in flight with this error, and everything that would still come. */
  end(reason: UpstreamFailure): void {
    this.#ended ??= reason;
    for (const flight of this.#flights) flight.stop(reason);
  }
}

/** One request in flight. Who runs it rejects with the signal's reason once that is aborted, whatever broke then. */
class Flight {
  readonly #flights: Set<Flight>;
  readonly #caller: AbortSignal;
  readonly #controller = new AbortController();
  readonly #follow = () => this.stop(this.#caller.reason);

  constructor(flights: Set<Flight>, caller: AbortSignal) {
    this.#flights = flights;
    this.#caller = caller;
    caller.addEventListener('abort', this.#follow);
  }

  /** follows the caller's signal and the end of the connection */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  stop(reason: unknown): void {
    this.#controller.abort(reason);
  }

  end(): void {
    this.#flights.delete(this);
    this.#caller.removeEventListener('abort', this.#follow);
  }
}
