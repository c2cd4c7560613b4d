import { CUT_OFF, DamagedBackup } from './damaged-backup.ts';

/** Takes exact amounts from what comes in pieces. */
export class ByteReader {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** The next bytes; throws DamagedBackup when there are fewer. */
  async read(length: number): Promise<Buffer> {
    const parts = [this.#rest];
    for (let have = this.#rest.length; have < length;) {
      const next = await this.#source.next();
      if (next.done === true) throw new DamagedBackup(CUT_OFF);
      parts.push(next.value);
      have += next.value.length;
    }
    const bytes = parts.length === 1 ? this.#rest : Buffer.concat(parts);
    this.#rest = bytes.subarray(length);
    return bytes.subarray(0, length);
  }

  /** What stands before the next line break, which has to come within so many bytes. */
  async readLine(limit: number): Promise<string> {
    const bytes: number[] = [];
    for (;;) {
      const [byte = 0] = await this.read(1);
      if (byte === 0x0a) return Buffer.from(bytes).toString('utf8');
      if (bytes.push(byte) > limit) throw new DamagedBackup('The file is no backup of this product.');
    }
  }

  /** A length, and as many bytes; throws DamagedBackup on more than the limit. */
  async readBlock(limit: number): Promise<Buffer> {
    const length = (await this.read(4)).readUInt32BE();
    if (length > limit) throw new DamagedBackup('A part of the file is longer than any that is written: the file is damaged.');
    return this.read(length);
  }

  /** Throws DamagedBackup when there is more. */
  async requireEnd(): Promise<void> {
    if (this.#rest.length > 0 || (await this.#source.next()).done !== true) {
      throw new DamagedBackup('Something follows the end of the backup in the file: it is not as it was written.');
    }
  }
}

/** A length, and as many bytes: what `readBlock` takes. */
export function toBlock(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
