import type { ServerResponse } from 'node:http';

import type { SnapshotClientKey } from '@gatehouse/policy/snapshot';

import { CallStopped } from '../upstream/failure.ts';

interface Work {
  key: SnapshotClientKey;
  stop: (code: CallStopped['code']) => void;
}

/** Calls and streams under way, so that a revoked key ends them and a closing agent waits for them. */
export class OpenWork {
  readonly #calls = new Set<Work>();
  readonly #streams = new Set<Work>();
  readonly #idle = new Set<() => void>();

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
        if (this.#calls.size === 0) for (const resolve of this.#idle) resolve();
      },
    };
  }

  /** A response that stays open. */
  startStream(key: SnapshotClientKey, response: ServerResponse): void {
    const work: Work = { key, stop: () => response.destroy() };
    this.#streams.add(work);
    response.once('close', () => this.#streams.delete(work));
  }

  streamsOf(keyId: string): number {
    return [...this.#streams].filter(({ key }) => key.keyId === keyId).length;
  }

  /** Ends everything of a key for which `isValid` is false. */
  stopRevoked(isValid: (key: SnapshotClientKey) => boolean): void {
    for (const work of [...this.#calls, ...this.#streams]) if (!isValid(work.key)) work.stop('identity_revoked');
  }

  /** Ends all streams, gives calls until `graceMs` to finish, then stops them too. */
  async close(graceMs: number): Promise<void> {
    for (const work of this.#streams) work.stop('cancelled');
    if (this.#calls.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#idle.add(resolve);
    const late = setTimeout(() => {
      for (const work of this.#calls) work.stop('cancelled');
    }, graceMs);
    await promise;
    clearTimeout(late);
  }
}
