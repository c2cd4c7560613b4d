import type { ServerResponse } from 'node:http';

import type { SnapshotClientKey } from '@gatehouse/policy/documents/snapshot';

import type { HeldWork, HeldWorkList } from '../call/held-receipts.ts';
import type { StopCode } from '../upstream/failure.ts';

/** A call or a stream under way, and for which key. */
export interface Stoppable {
  readonly key: SnapshotClientKey;
  stop(code: StopCode): void;
}

/** Why nothing more may be done for a key, or in this session of it; null while it is valid here. */
export type FindStopReason = (key: SnapshotClientKey, session?: { endsAtOpening: number }) => StopCode | null;

/** How long calls that were stopped may take to write their receipts, and streams to end. */
const AFTERMATH_MS = 5_000;

/** Calls under way, also those that wait for their clients, and streams, so that a revoked key ends them and a closing agent waits for them. */
export class OpenWork implements HeldWorkList {
  readonly #calls = new Set<Stoppable>();
  readonly #held = new Set<HeldWork>();
  readonly #streams = new Map<string, Set<Stoppable>>();
  /** called whenever a call or a stream ends: each checks whether what it waits for is over */
  readonly #waiting = new Set<() => void>();
  #closing = false;

  /** True once the agent is going away: what is under way may end, nothing new begins. */
  isClosing(): boolean {
    return this.#closing;
  }

  beginClosing(): void {
    this.#closing = true;
  }

  addCall(call: Stoppable): void {
    this.#calls.add(call);
  }

  removeCall(call: Stoppable): void {
    this.#calls.delete(call);
    this.#checkWaiting();
  }

  addHeld(work: HeldWork): void {
    this.#held.add(work);
    // nobody could go on with it any more
    if (this.#closing) work.stop('cancelled');
  }

  removeHeld(work: HeldWork): void {
    this.#held.delete(work);
    this.#checkWaiting();
  }

  /** A response that stays open, until its connection closes. */
  addStream(key: SnapshotClientKey, response: ServerResponse): void {
    const stream: Stoppable = { key, stop: () => response.destroy() };
    const streams = this.#streams.get(key.keyId) ?? new Set();
    this.#streams.set(key.keyId, streams.add(stream));
    response.once('close', () => {
      streams.delete(stream);
      if (streams.size === 0 && this.#streams.get(key.keyId) === streams) this.#streams.delete(key.keyId);
      this.#checkWaiting();
    });
  }

  countStreams(keyId: string): number {
    return this.#streams.get(keyId)?.size ?? 0;
  }

  /** Ends everything of a key for which there is a reason to, and held calls that would not be made any more. */
  stopRevoked(findReason: FindStopReason): void {
    for (const work of [...this.#calls, ...this.#listStreams()]) {
      const reason = findReason(work.key);
      if (reason) work.stop(reason);
    }
    for (const work of this.#held) {
      const reason = findReason(work.key, work);
      if (reason) work.stop(reason);
      else work.review();
    }
  }

  /** Gives calls until `graceMs` to finish, then stops them, and held ones at once; resolves when each has ended or has had its time to. */
  async finishCalls(graceMs: number): Promise<void> {
    for (const work of this.#held) work.stop('cancelled');
    await this.#waitUntil(() => this.#calls.size === 0, graceMs);
    for (const call of this.#calls) call.stop('cancelled');
    await this.#waitUntil(() => this.#calls.size === 0 && this.#held.size === 0, AFTERMATH_MS);
  }

  /** Waits for streams that were told to end, then cuts those that did not. */
  async finishStreams(): Promise<void> {
    await this.#waitUntil(() => this.#streams.size === 0, AFTERMATH_MS);
    for (const stream of this.#listStreams()) stream.stop('cancelled');
  }

  #listStreams(): Stoppable[] {
    return [...this.#streams.values()].flatMap((streams) => [...streams]);
  }

  #checkWaiting(): void {
    for (const check of this.#waiting) check();
  }

  async #waitUntil(isDone: () => boolean, atMostMs: number): Promise<void> {
    if (isDone()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const check = () => isDone() && resolve();
    this.#waiting.add(check);
    const timer = setTimeout(resolve, atMostMs);
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(check);
  }
}
