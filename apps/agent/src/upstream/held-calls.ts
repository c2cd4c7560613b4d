import type { Logger } from 'pino';

import { hasFairRoom } from '@gatehouse/policy/limits/fair-share';

import type { RpcAnswer } from '../wire/json-rpc.ts';
import type { UpstreamFailure } from './failure.ts';
import { HeldCall, type Hold, type HeldCallOptions, type Waiter } from './held-call.ts';

/** `size`: characters of requests, and of answers that came while nobody waited for them. */
const MOST = { calls: 256, callsOfKey: 16, size: 32 * 1024 * 1024 };

export interface HeldCallsOptions {
  /** how long a client may take to answer what a server asked, milliseconds */
  patienceMs: number;
  log: Logger;
}

/**
 * Calls to a server of the older protocol whose client speaks the newer one: what the server asks while it carries the call out becomes an
 * `input_required` result, and the call is held until the client comes again with the answers. Bounded in number, time and size, of which one key leaves
 * as much free as it has taken; nothing of it outlives the connections to the server.
 */
export class HeldCalls {
  readonly #log: Logger;
  readonly #hold: Hold;
  readonly #held = new Map<string, HeldCall>();
  #closed = false;

  constructor({ patienceMs, log }: HeldCallsOptions) {
    this.#log = log;
    this.#hold = {
      patienceMs,
      findRefusal: (call) => this.#findRefusal(call),
      keep: (place, call) => void this.#held.set(place, call),
      remove: (place) => void this.#held.delete(place),
      mayKeepAnswer: (call, size) => this.#hasRoom(call, size),
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

  #findRefusal(call: HeldCall): string | null {
    if (this.#closed) return 'The client cannot be asked any more: the configuration of this server was changed';
    const isTooMuch = this.#held.size >= MOST.calls || this.#listOthers(call.keyId, call).length >= MOST.callsOfKey;
    return isTooMuch || !this.#hasRoom(call, 0) ? 'The client is asked too much at once' : null;
  }

  /** Whether there is room for a call that takes so much more than it does now. */
  #hasRoom(call: HeldCall, more: number): boolean {
    const used = addSizes(this.#listOthers(null, call));
    const own = addSizes(this.#listOthers(call.keyId, call));
    return hasFairRoom(call.size + more, { most: MOST.size, used, own });
  }

  /** `keyId`: null for those of every key */
  #listOthers(keyId: string | null, call: HeldCall): HeldCall[] {
    return [...this.#held.values()].filter((other) => other !== call && (keyId === null || other.keyId === keyId));
  }
}

function addSizes(calls: readonly HeldCall[]): number {
  return calls.reduce((sum, { size }) => sum + size, 0);
}
