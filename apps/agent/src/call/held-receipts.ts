import type { SnapshotClientKey } from '@gatehouse/policy/documents/snapshot';
import type { CallTarget } from '@gatehouse/policy/evaluate';

import type { HeldHandle, HeldOutcome } from '../upstream/conversation.ts';
import {
  CallStopped,
  createChangedFailure,
  createNotHeldFailure,
  toUpstreamFailure,
  type StopCode,
} from '../upstream/failure.ts';
import { chooseFailedCheck, recordAnswer } from './answer.ts';
import { decideAgain } from './decide-call.ts';
import type { CallDeps, IncomingCall } from './handle-call.ts';
import type { Retry } from './request.ts';
import type { CallTrail } from './trail.ts';

/** A call that is held: it goes on at its server while nobody waits for it. */
export interface HeldWork {
  readonly key: SnapshotClientKey;
  /** how often sessions of its key had been ended when it began to be held */
  readonly endsAtOpening: number;
  stop(code: StopCode): void;
  /** After a change of the configuration: ends it unless it would be made again. */
  review(): void;
}

/** What ends held calls: with their key, and with the agent. */
export interface HeldWorkList {
  addHeld(work: HeldWork): void;
  removeHeld(work: HeldWork): void;
}

type HeldDeps = Pick<CallDeps, 'current' | 'now' | 'work'>;

/** A request that goes on with a held call, which it answers for from now on. */
export interface Resumption {
  /** as it has to be sent */
  retry: Retry;
  /** Call it when the request is over: what it did not go on with ends. */
  release(): void;
}

/**
 * Receipts of calls that are held. The intent that is on disk for a call stands until it is known what became of it: its receipt is that of the request
 * that went on with it or, where none came, one of its own, written as soon as the outcome is known or the call is given up. Requests that were answered
 * with a question have receipts without an intent.
 */
export class HeldReceipts {
  readonly #deps: HeldDeps;
  readonly #byState = new Map<string, HeldReceipt>();

  constructor(deps: HeldDeps) {
    this.#deps = deps;
  }

  /** A call begins to be held. What is returned takes its outcome. */
  begin(call: IncomingCall, target: CallTarget, held: HeldHandle): (outcome: HeldOutcome) => void {
    const receipt = new HeldReceipt(this.#deps, call, target, held);
    this.#byState.set(held.state, receipt);
    this.#deps.work.addHeld(receipt);
    return (outcome) => {
      this.#forget(receipt);
      receipt.end(outcome);
    };
  }

  /** The held call that a request goes on with, whose receipt is that of the request from then on; null when there is none. */
  take(retry: Retry, { client, trail }: IncomingCall): Resumption | null {
    const receipt = retry.requestState === undefined ? undefined : this.#byState.get(retry.requestState);
    if (receipt?.affinity !== client.affinity) return null;
    this.#forget(receipt);
    trail.takeOver(receipt.trail);
    return {
      retry: { ...retry, requestState: receipt.held.take() },
      release: () => receipt.held.end(createNotHeldFailure()),
    };
  }

  #forget(receipt: HeldReceipt): void {
    this.#byState.delete(receipt.held.state);
    this.#deps.work.removeHeld(receipt);
  }
}

class HeldReceipt implements HeldWork {
  readonly key: SnapshotClientKey;
  readonly endsAtOpening: number;
  readonly affinity: string;
  readonly held: HeldHandle;
  readonly trail: CallTrail;
  readonly #deps: HeldDeps;
  readonly #target: CallTarget;
  readonly #asked: Pick<IncomingCall, 'caller' | 'request'>;

  constructor(deps: HeldDeps, { caller, request, client, trail }: IncomingCall, target: CallTarget, held: HeldHandle) {
    this.#deps = deps;
    this.#target = target;
    // and nothing else of the request, which may end now
    this.#asked = { caller, request };
    this.key = caller.key;
    this.affinity = client.affinity;
    this.held = held;
    this.trail = trail.split();
    this.endsAtOpening = deps.current.get()?.revocations.countSessionEnds(caller.key) ?? 0;
  }

  stop(code: StopCode): void {
    this.held.end(toUpstreamFailure(new CallStopped(code)));
  }

  review(): void {
    const isWithheld = this.#deps.current.get()?.withheld.has(this.#target.server.id) ?? false;
    const again = decideAgain(this.#deps, { ...this.#asked, trail: this.trail }, this.#target);
    if (isWithheld || 'refused' in again) this.held.end(createChangedFailure());
  }

  end(outcome: HeldOutcome): void {
    const { trail } = this;
    trail.stopUpstream();
    if ('answer' in outcome) {
      trail.pass('upstream');
      return trail.end(recordAnswer(trail, this.#asked.request.method, this.#target, outcome.answer).code);
    }
    const failure = toUpstreamFailure(outcome.error);
    trail.fail(chooseFailedCheck(failure), failure.code, failure.limit);
    trail.end(failure.code);
  }
}
