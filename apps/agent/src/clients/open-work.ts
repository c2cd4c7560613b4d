import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import type { SnapshotClientKey } from '@gatehouse/policy/documents/snapshot';

import { CallStopped } from '../upstream/failure.ts';
import { sendError } from '../http/reply.ts';
import { RpcCode } from '../wire/protocol.ts';

interface Work {
  key: SnapshotClientKey;
  stop: (code: CallStopped['code']) => void;
}

/** How long calls that were stopped may take to write their receipts, and streams to end. */
const AFTERMATH_MS = 5_000;

/** Calls and streams under way, so that a revoked key ends them and a closing agent waits for them. */
export class OpenWork {
  readonly #calls = new Set<Work>();
  readonly #streams = new Map<string, Set<Work>>();
  readonly #waiting = new Set<() => void>();
  #closing = false;

  /** True once the agent is going away: what is under way may end, nothing new begins. */
  isClosing(): boolean {
    return this.#closing;
  }

  beginClosing(): void {
    this.#closing = true;
  }

  /** A call; its signal is aborted with CallStopped when the response's connection closes before it is answered. */
  startCall(key: SnapshotClientKey, response: ServerResponse): { signal: AbortSignal; stop: Work['stop']; end(): void } {
    const controller = new AbortController();
    const work: Work = { key, stop: (code) => controller.abort(new CallStopped(code)) };
    const onClose = () => work.stop('cancelled');
    response.once('close', onClose);
    this.#calls.add(work);
    return {
      signal: controller.signal,
      stop: work.stop,
      end: () => {
        response.off('close', onClose);
        this.#calls.delete(work);
        this.#tell();
      },
    };
  }

  /** A response that stays open. */
  startStream(key: SnapshotClientKey, response: ServerResponse): void {
    const work: Work = { key, stop: () => response.destroy() };
    const streams = this.#streams.get(key.keyId) ?? new Set();
    this.#streams.set(key.keyId, streams.add(work));
    response.once('close', () => {
      streams.delete(work);
      if (streams.size === 0 && this.#streams.get(key.keyId) === streams) this.#streams.delete(key.keyId);
      this.#tell();
    });
  }

  streamsOf(keyId: string): number {
    return this.#streams.get(keyId)?.size ?? 0;
  }

  /** Ends everything of a key for which `isValid` is false. */
  stopRevoked(isValid: (key: SnapshotClientKey) => boolean): void {
    for (const work of [...this.#calls, ...this.#allStreams()]) if (!isValid(work.key)) work.stop('identity_revoked');
  }

  /** Gives calls until `graceMs` to finish, then stops them; resolves when each has ended or has had its time to. */
  async finishCalls(graceMs: number): Promise<void> {
    await this.#until(() => this.#calls.size === 0, graceMs);
    for (const work of this.#calls) work.stop('cancelled');
    await this.#until(() => this.#calls.size === 0, AFTERMATH_MS);
  }

  /** Waits for streams that were told to end, then cuts those that did not. */
  async finishStreams(): Promise<void> {
    await this.#until(() => this.#streams.size === 0, AFTERMATH_MS);
    for (const work of this.#allStreams()) work.stop('cancelled');
  }

  #allStreams(): Work[] {
    return [...this.#streams.values()].flatMap((streams) => [...streams]);
  }

  #tell(): void {
    for (const look of this.#waiting) look();
  }

  async #until(done: () => boolean, atMostMs: number): Promise<void> {
    if (done()) return;
    const ended = new AbortController();
    const look = () => done() && ended.abort();
    this.#waiting.add(look);
    await delay(atMostMs, undefined, { signal: ended.signal }).catch((error: unknown) => {
      if (!ended.signal.aborted) throw error;
    });
    this.#waiting.delete(look);
  }
}

/** The answer to whatever would begin while the agent is going away. */
export function refuseWhileClosing(response: ServerResponse): void {
  const message = 'This agent is being stopped. Try again in a moment.';
  sendError(response, 503, null, { code: RpcCode.refused, message }, { 'retry-after': '5', connection: 'close' });
}
