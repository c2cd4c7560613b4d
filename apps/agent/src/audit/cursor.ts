import { WrittenReceipt } from '@gatehouse/protocol/receipt';

import { parseJson } from '../state/parse-json.ts';
import { MAX_FRAME_BYTES, scanFrames } from './frame.ts';
import { readBytes, type SegmentFile } from './segment.ts';

const CHUNK_BYTES = 2 * MAX_FRAME_BYTES;

/** Reads the receipts of one stream in order, each once, from the durable part of the segments. Keeps its place between reads. */
export class SpoolCursor {
  readonly spoolId: string;
  readonly #segments: readonly SegmentFile[];
  #seq: number;
  #number: number;
  #offset = 0;

  /** Starts behind `afterSeq`. `segments` is the spool's own, growing list. */
  constructor(segments: readonly SegmentFile[], spoolId: string, afterSeq: number) {
    this.#segments = segments;
    this.spoolId = spoolId;
    this.#seq = afterSeq;
    const start = segments.findLast((segment) => segment.spoolId === spoolId && segment.prevSeq <= afterSeq);
    this.#number = start?.number ?? 0;
  }

  /** The next receipts, in sequence though perhaps with gaps; empty at the durable end. Not more than fit the limits, but at least one. */
  readNext(limit: { count: number; bytes: number }): WrittenReceipt[] {
    const receipts: WrittenReceipt[] = [];
    let bytes = 0;
    for (;;) {
      const segment = this.#seekSegment();
      if (!segment) return receipts;
      const start = this.#offset;
      const scan = scanFrames(readBytes(segment.path, start, Math.min(CHUNK_BYTES, segment.readableEnd - start)));
      for (const frame of scan.frames) {
        const receipt = frame.kind === 'receipt' ? parseJson(frame.payload, WrittenReceipt) : null;
        if (receipt && receipt.spoolId === this.spoolId && receipt.seq > this.#seq) {
          bytes += frame.payload.length;
          if (receipts.length > 0 && (receipts.length >= limit.count || bytes > limit.bytes)) return receipts;
          receipts.push(receipt);
          this.#seq = receipt.seq;
        }
        this.#offset = start + frame.end;
      }
      if (scan.frames.length === 0) this.#skipDamage(segment, start);
    }
  }

  /** The segment to read from; moves on at the end of one that is followed by another. */
  #seekSegment(): SegmentFile | null {
    for (;;) {
      const segment = this.#segments.find((candidate) => candidate.number >= this.#number);
      if (!segment) return null;
      if (segment.number !== this.#number) this.#offset = 0;
      this.#number = segment.number;
      if (this.#offset < segment.readableEnd) return segment;
      if (segment === this.#segments.at(-1)) return null;
      this.#number += 1;
      this.#offset = 0;
    }
  }

  /** No whole frame within a chunk that is longer than any frame: what is here is damaged. */
  #skipDamage(segment: SegmentFile, start: number): void {
    const chunkEnd = Math.min(start + CHUNK_BYTES, segment.readableEnd);
    this.#offset = chunkEnd === segment.readableEnd ? chunkEnd : chunkEnd - MAX_FRAME_BYTES + 1;
  }
}
