import { closeSync, fdatasync, openSync, writeSync } from 'node:fs';

interface Waiting {
  bytes: Buffer;
  onDone: (error: Error | null) => void;
}

/** An append-only file: whatever waits is written at once and made durable by one fdatasync. */
export class GroupCommit {
  readonly #fd: number;
  #waiting: Waiting[] = [];
  #busy = false;

  constructor(path: string) {
    this.#fd = openSync(path, 'a', 0o600);
  }

  /** Resolves when the bytes are on disk. */
  append(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes, onDone: (error) => (error ? reject(error) : resolve()) });
      if (this.#busy) return;
      this.#busy = true;
      // the calls of one tick share a commit
      queueMicrotask(() => this.#commit());
    });
  }

  close(): void {
    closeSync(this.#fd);
  }

  #commit(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    const end = (error: Error | null) => {
      for (const { onDone } of batch) onDone(error);
      if (this.#waiting.length > 0) this.#commit();
      else this.#busy = false;
    };
    try {
      writeSync(this.#fd, Buffer.concat(batch.map(({ bytes }) => bytes)));
    } catch (error) {
      return end(error instanceof Error ? error : new Error(String(error)));
    }
    fdatasync(this.#fd, end);
  }
}
