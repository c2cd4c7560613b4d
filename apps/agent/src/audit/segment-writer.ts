import { removeIfThere, type Disk } from '../identity/disk.ts';
import { encodeFrame } from './frame.ts';
import type { StreamHead } from './receipt-draft.ts';
import { segmentPath, type SegmentFile, type SegmentHeader } from './segment.ts';

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
    frames: Iterable<Buffer>;
  }): Promise<SegmentWriter> {
    const { disk, directory, number, head } = options;
    const path = segmentPath(directory, number);
    const draft = `${path}.new`;
    const file: SegmentFile = { number, path, spoolId: head.spoolId, prevSeq: head.lastSeq, readableEnd: 0 };
    const header: SegmentHeader = { format: 1, spoolId: head.spoolId, prevSeq: head.lastSeq, prevHash: head.headHash };
    const writer = new SegmentWriter(disk, disk.create(draft), file);
    try {
      let chunk = [encodeFrame('header', header)];
      let bytes = 0;
      for (const frame of options.frames) {
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

  /** Goes on behind the last frame of an undamaged segment. */
  static reopen(disk: Disk, file: SegmentFile): SegmentWriter {
    return new SegmentWriter(disk, disk.append(file.path), file);
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

  /** Makes everything durable and closes. */
  async close(): Promise<void> {
    await this.sync();
    this.abandon();
  }

  /** Closes as it is. Frames that were not durable stay where they are and are written again elsewhere; readers know them by number. */
  abandon(): void {
    this.#disk.close(this.#fd);
  }
}
