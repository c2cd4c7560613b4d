import { PART_CHUNK_BYTES, type PartRequest } from '@gatehouse/protocol/parts';
import { readParts, type StoredPart } from '@gatehouse/services/snapshot/read-parts';

import type { Peer } from './agent-push.ts';

/** Hashes that an agent may have asked for and not been sent yet. */
const MAX_WAITING = 1_024;

interface Wanted {
  nonce: string;
  version: number;
  hashes: string[];
}

/**
 * Sends one agent the parts that it asks for, beside whatever else it is sent. Of all that waits only a piece is in memory and on its way at
 * a time: the next is read when the network has taken it.
 */
export class PartSender {
  readonly #peer: Peer;
  /** false: the push is not open any more, and what was asked for it is not sent */
  readonly #onSent: (nonce: string) => boolean;
  #waiting: Wanted[] = [];
  #running: Promise<void> | null = null;

  constructor(peer: Peer, onSent: (nonce: string) => boolean) {
    this.#peer = peer;
    this.#onSent = onSent;
  }

  /** Takes a request; false when too much waits already. */
  request({ nonce, hashes }: PartRequest, version: number): boolean {
    const waiting = this.#waiting.reduce((sum, wanted) => sum + wanted.hashes.length, hashes.length);
    if (waiting > MAX_WAITING) return false;
    this.#waiting.push({ nonce, version, hashes: [...new Set(hashes)] });
    this.#running ??= this.#run().finally(() => (this.#running = null));
    return true;
  }

  /** Settles when nothing runs; it ends by itself once the peer is not served any more. */
  async waitUntilIdle(): Promise<void> {
    await this.#running;
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    for (let wanted = this.#waiting[0]; wanted; wanted = this.#waiting[0]) {
      try {
        await this.#sendFirst(wanted);
      } catch (error) {
        wanted.hashes = [];
        this.#peer.sendFailure('part-request', error);
      }
      if (wanted.hashes.length === 0 || !this.#onSent(wanted.nonce)) this.#waiting.shift();
      if (!this.#peer.isServed) this.#waiting = [];
    }
  }

  /** Sends the parts that one reading brings. */
  async #sendFirst(wanted: Wanted): Promise<void> {
    const { nonce, version, hashes } = wanted;
    const parts = await readParts({ ctx: this.#peer.ctx, input: { version, hashes } });
    for (const part of parts) await this.#sendPart(nonce, part);
    wanted.hashes = hashes.slice(parts.length);
  }

  async #sendPart(nonce: string, { hash, bytes }: StoredPart): Promise<void> {
    const of = Math.max(1, Math.ceil(bytes.length / PART_CHUNK_BYTES));
    for (let index = 0; index < of && this.#peer.isServed; index += 1) {
      const piece = bytes.subarray(index * PART_CHUNK_BYTES, (index + 1) * PART_CHUNK_BYTES);
      await this.#peer.sendAndWait({ type: 'part', nonce, hash, index, of, data: Buffer.from(piece).toString('base64') });
    }
  }
}
