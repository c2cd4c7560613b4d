import { removeIfThere, type Disk } from '../state/disk.ts';
import type { CallFacts } from './call-record.ts';
import { encodeFrame } from './frame.ts';
import type { StreamHead } from './receipt-draft.ts';
import type { Recovered } from './recover.ts';
import { readHeader, getSegmentPath, type SegmentFile, type SegmentHeader } from './segment.ts';

const CHUNK_BYTES = 1024 * 1024;

/** The one segment that is open for writing. After any error it is to be abandoned. */
export class SegmentWriter {
  readonly file: SegmentFile;
  readonly #disk: Disk;
  readonly #fd: number;
  #size: number;

  private constructor(disk: Disk, fd: number, file: SegmentFile) {
    this.#disk = disk;
    this.#fd = fd;
    this.file = file;
    this.#size = file.readableEnd;
  }

  /** A new segment with header and first frames, under its name only when all of it is durable. */
  static async create(options: {
    disk: Disk;
    directory: string;
    number: number;
    head: StreamHead;
    intents: Iterable<CallFacts>;
    /** as frames */
    receipts: Iterable<Buffer>;
  }): Promise<SegmentWriter> {
    const { disk, directory, number, head } = options;
    const path = getSegmentPath(directory, number);
    const draft = `${path}.new`;
    const file: SegmentFile = { number, path, spoolId: head.spoolId, prevSeq: head.lastSeq, readableEnd: 0 };
    const header: SegmentHeader = { format: 1, spoolId: head.spoolId, prevSeq: head.lastSeq, prevHash: head.headHash };
    const writer = new SegmentWriter(disk, disk.create(draft), file);
    try {
      let chunk = [encodeFrame('header', JSON.stringify(header))];
      let bytes = 0;
      for (const frame of listFrames(options.intents, options.receipts)) {
        chunk.push(frame);
        bytes += frame.length;
        if (bytes < CHUNK_BYTES) continue;
        writer.append(chunk);
        chunk = [];
        bytes = 0;
      }
      writer.append(chunk);
      await writer.sync();
      disk.rename(draft, path);
      await disk.syncDirectory(directory);
      return writer;
    } catch (error) {
      disk.close(writer.#fd);
      removeIfThere(draft, disk);
      throw error;
    }
  }

  /** Goes on behind the last frame of the last segment; null unless that is whole and below `maxBytes`. */
  static reopenLast(disk: Disk, { segments, damagedBytes }: Recovered, maxBytes: number): SegmentWriter | null {
    const last = segments.at(-1);
    if (!last || damagedBytes > 0 || last.readableEnd >= maxBytes || !readHeader(last.path)) return null;
    return new SegmentWriter(disk, disk.append(last.path), last);
  }

  get size(): number {
    return this.#size;
  }

  append(frames: readonly Buffer[]): void {
    const bytes = Buffer.concat(frames);
    this.#disk.write(this.#fd, bytes);
    this.#size += bytes.length;
  }

  async sync(): Promise<void> {
    const size = this.#size;
    if (size === this.file.readableEnd) return;
    await this.#disk.sync(this.#fd);
    this.file.readableEnd = size;
  }

  /** Closes as it is. Frames that were not durable stay where they are and are written again elsewhere; readers know them by number. */
  abandon(): void {
    try {
      this.#disk.close(this.#fd);
    } catch {
      // the descriptor is gone either way, and what the disk did not take is known from the last sync
    }
  }
}

function* listFrames(intents: Iterable<CallFacts>, receipts: Iterable<Buffer>): Generator<Buffer> {
  for (const facts of intents) yield encodeFrame('intent', JSON.stringify(facts));
  yield* receipts;
}
