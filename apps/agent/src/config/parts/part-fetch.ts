import { hash as computeHash } from 'node:crypto';

import { MAX_PART_BYTES } from '@gatehouse/policy/documents/manifest';
import { MAX_REQUESTED_PARTS, type Part, type PartRequest } from '@gatehouse/protocol/parts';

import { ConfigRefused } from '../refusal.ts';

/** A newer push came, or the hub is gone or does not serve the parts: nothing is answered, and the hub pushes again. */
export class FetchAbandoned extends Error {
  override readonly name = 'FetchAbandoned';
}

export interface PartFetchOptions {
  /** of the push */
  nonce: string;
  send: (request: PartRequest) => void;
  /** gets each part when it is whole; the bytes have this hash */
  onPart: (hash: string, bytes: Buffer) => Promise<void>;
}

/** The part whose pieces are arriving. */
interface Arriving {
  hash: string;
  of: number;
  pieces: Buffer[];
  bytes: number;
}

/** Fetches the parts of one push. Never more than one part and one message of the hub are held at a time, whatever the hub sends. */
export class PartFetch {
  readonly #options: PartFetchOptions;
  readonly #pending = new Set<string>();
  #arriving: Arriving | null = null;
  #batch: PromiseWithResolvers<void> | null = null;
  #ended: Error | null = null;

  constructor(options: PartFetchOptions) {
    this.#options = options;
  }

  get nonce(): string {
    return this.#options.nonce;
  }

  /** Resolves when every one of them has arrived. Rejects with FetchAbandoned, ConfigRefused or what `onPart` rejected with. */
  async fetch(hashes: readonly string[]): Promise<void> {
    for (let at = 0; at < hashes.length; at += MAX_REQUESTED_PARTS) {
      if (this.#ended) throw this.#ended;
      const batch = hashes.slice(at, at + MAX_REQUESTED_PARTS);
      for (const hash of batch) this.#pending.add(hash);
      this.#batch = Promise.withResolvers();
      this.#options.send({ type: 'part-request', nonce: this.nonce, hashes: batch });
      await this.#batch.promise;
    }
    if (this.#ended) throw this.#ended;
  }

  /** Takes the next piece. Resolves when there is room for another one. */
  async take(part: Part): Promise<void> {
    if (this.#ended) return;
    try {
      const whole = this.#join(part);
      if (!whole) return;
      await this.#options.onPart(part.hash, whole);
      this.#pending.delete(part.hash);
      if (this.#pending.size === 0) this.#batch?.resolve();
    } catch (error) {
      this.end(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Whoever waits for parts is told why none will come any more. */
  end(reason: Error): void {
    this.#ended ??= reason;
    this.#arriving = null;
    this.#batch?.reject(this.#ended);
  }

  /** The bytes once the last piece has come, else null. Throws ConfigRefused. */
  #join({ hash, index, of, data }: Part): Buffer | null {
    if (!this.#pending.has(hash)) throw refuseParts(`part ${hash} was not asked for`);
    const arriving = (this.#arriving ??= { hash, of, pieces: [], bytes: 0 });
    if (arriving.hash !== hash || arriving.of !== of || arriving.pieces.length !== index) {
      throw refuseParts(`the pieces of part ${arriving.hash} are not in order`);
    }
    const piece = Buffer.from(data, 'base64');
    arriving.pieces.push(piece);
    arriving.bytes += piece.length;
    if (arriving.bytes > MAX_PART_BYTES) throw refuseParts(`part ${hash} is too large`);
    if (arriving.pieces.length < of) return null;
    this.#arriving = null;
    const bytes = Buffer.concat(arriving.pieces);
    if (computeHash('sha256', bytes) !== hash) {
      throw new ConfigRefused('hash_mismatch', `The hub sent other bytes than those of part ${hash}.`);
    }
    return bytes;
  }
}

function refuseParts(problem: string): ConfigRefused {
  return new ConfigRefused('malformed', `The parts that the hub sent cannot be used: ${problem}.`);
}
