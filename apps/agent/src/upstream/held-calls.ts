import type { Logger } from 'pino';

import type { RpcAnswer } from '../wire/json-rpc.ts';
import type { UpstreamFailure } from './failure.ts';
import { HeldCall, type Hold, type HeldCallOptions, type Waiter } from './held-call.ts';

const MOST = { calls: 256, callsOfKey: 16, answerBytes: 16 * 1024 * 1024 };

export interface HeldCallsOptions {
  /** how long a client may take to answer what a server asked, milliseconds */
  patienceMs: number;
  log: Logger;
}

/**
 * Calls to a server of the older protocol whose client speaks the newer one: what the server asks while it carries the call out becomes an
 * `input_required` result, and the call is held until the client comes again with the answers. Bounded in number, time and bytes; nothing of it
 * outlives the connections to the server.
 */
export class HeldCalls {
  readonly #log: Logger;
  readonly #hold: Hold;
  readonly #held = new Map<string, HeldCall>();
  /** of answers that came while nobody waited for them */
  #answerBytes = 0;
  #closed = false;

  constructor({ patienceMs, log }: HeldCallsOptions) {
    this.#log = log;
    this.#hold = {
      patienceMs,
      findRefusal: (keyId) => this.#findRefusal(keyId),
      keep: (place, call) => void this.#held.set(place, call),
      remove: (place) => void this.#held.delete(place),
      mayKeepAnswer: (bytes) => this.#answerBytes + bytes <= MOST.answerBytes && ((this.#answerBytes += bytes), true),
      releaseAnswer: (bytes) => (this.#answerBytes -= bytes),
    };
  }

  /** Sends a call. Resolves with its answer, or with what the client is to be asked first. Rejects as the request does. */
  begin(options: HeldCallOptions, waiter: Waiter): Promise<RpcAnswer> {
    return new HeldCall(options, this.#log, this.#hold).wait(waiter);
  }

  /** The call that a client goes on with: once for each time that it was held, and only by the client that made it. */
  take(state: string | undefined, affinity: string): HeldCall | null {
    const call = state === undefined ? undefined : this.#held.get(state);
    if (state === undefined || !call || call.affinity !== affinity) return null;
    this.#held.delete(state);
    return call;
  }

  /** Ends every call that is held, and holds none any more. Those that somebody waits for go on. */
  close(reason: UpstreamFailure): void {
    this.#closed = true;
    for (const call of this.#held.values()) call.end(reason);
  }

  #findRefusal(keyId: string): string | null {
    if (this.#closed) return 'The client cannot be asked any more: the configuration of this server was changed';
    const ofKey = [...this.#held.values()].filter((call) => call.keyId === keyId);
    const isTooMuch = this.#held.size >= MOST.calls || ofKey.length >= MOST.callsOfKey;
    return isTooMuch ? 'The client is asked too much at once' : null;
  }
}
