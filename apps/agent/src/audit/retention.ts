import { join } from 'node:path';

import * as z from 'zod';

import { removeIfThere, replaceFile, type Disk } from '../state/disk.ts';
import { parseJson } from '../state/parse-json.ts';
import { readState } from '../state/state-dir.ts';
import type { StreamHead } from './receipt-draft.ts';
import type { SegmentFile } from './segment.ts';

const KEEP_MS = 7 * 24 * 60 * 60_000;
/** An fsync for every acknowledgement would compete with those of the calls. */
const STORE_EVERY_MS = 1_000;
/** Above this share of the limit acknowledged segments go before their seven days are over. */
const TIGHT_SHARE = 0.8;

/** What the hub acknowledged, kept for the next start; losing it costs only a second sending. */
const Mark = z.strictObject({
  spoolId: z.uuid(),
  throughSeq: z.int().nonnegative(),
  /** when each segment became wholly acknowledged, by segment number */
  acknowledgedAt: z.record(z.string(), z.iso.datetime()),
});
type Mark = z.infer<typeof Mark>;

export interface RetentionOptions {
  directory: string;
  disk: Disk;
  /** the spool's own list; deleted segments leave it */
  segments: SegmentFile[];
  /** where the stream on this disk ends: what was lost of it counts as unacknowledged again */
  head: StreamHead;
  totalBytesLimit: number;
  now: () => Date;
}

/** Keeps the mark and deletes segments seven days after the hub acknowledged all of them. */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #path: string;
  #mark: Mark | null;
  #stored = true;
  #storedAt = 0;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#path = join(options.directory, 'mark.json');
    const mark = parseJson(readState(this.#path) ?? '', Mark);
    const { spoolId, lastSeq } = options.head;
    this.#mark = mark?.spoolId === spoolId ? { ...mark, throughSeq: Math.min(mark.throughSeq, lastSeq) } : mark;
  }

  /** Last sequence number of this stream that the hub is known to hold. */
  getThroughSeq(spoolId: string): number {
    return this.#mark?.spoolId === spoolId ? this.#mark.throughSeq : 0;
  }

  /** Moves the mark (also back: a restored control plane holds less). Stored at most once a second, and by `close`. */
  async acknowledge(spoolId: string, throughSeq: number): Promise<void> {
    if (this.#mark?.spoolId === spoolId && this.#mark.throughSeq === throughSeq) return;
    this.#mark = { spoolId, throughSeq, acknowledgedAt: this.#mark?.acknowledgedAt ?? {} };
    this.#stored = false;
    this.sweep();
    if (this.#options.now().getTime() - this.#storedAt >= STORE_EVERY_MS) await this.#store();
  }

  async close(): Promise<void> {
    if (!this.#stored) await this.#store();
  }

  async #store(): Promise<void> {
    this.#stored = true;
    this.#storedAt = this.#options.now().getTime();
    await replaceFile(this.#path, JSON.stringify(this.#mark), this.#options.disk);
  }

  /** Deletes what is due, oldest first. The last segment always stays. */
  sweep(): void {
    const { segments, disk, totalBytesLimit } = this.#options;
    const mark = this.#mark;
    if (!mark) return;
    const now = this.#options.now();
    for (const [index, segment] of segments.entries()) {
      const next = segments[index + 1];
      if (!next || !isAcknowledged(mark, segments, segment, next)) break;
      mark.acknowledgedAt[segment.number] ??= now.toISOString();
    }
    let total = segments.reduce((sum, segment) => sum + segment.readableEnd, 0);
    for (let first = segments[0]; first; first = segments[0]) {
      const since = mark.acknowledgedAt[first.number];
      if (since === undefined || segments.length === 1) return;
      if (now.getTime() - Date.parse(since) < KEEP_MS && total < totalBytesLimit * TIGHT_SHARE) return;
      removeIfThere(first.path, disk);
      total -= first.readableEnd;
      delete mark.acknowledgedAt[first.number];
      segments.shift();
    }
  }
}

/** A segment of an older stream is done with: its receipts were repeated in the stream that followed. */
function isAcknowledged(mark: Mark, segments: readonly SegmentFile[], segment: SegmentFile, next: SegmentFile): boolean {
  if (segment.spoolId !== segments.at(-1)?.spoolId) return true;
  return segment.spoolId === mark.spoolId && next.prevSeq <= mark.throughSeq;
}
