import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';

import { type ByteReader, toBlock } from './byte-reader.ts';
import { DamagedBackup } from './damaged-backup.ts';

// A backup is a first line with its manifest, and frames: a byte that is 1 in the last of them, a length, as many bytes. The last frame holds the
// hash of everything before it. Where there is a key, every frame is sealed with its number and its place, under a key that the first line is part of.

const FRAME_BYTES = 1 << 18;
const TAG_BYTES = 16;
const MORE = 0;
const LAST = 1;

/** How the frames of one file are kept: as they are, or sealed under a key of this file alone. */
interface FrameCipher {
  seal(index: number, mark: number, plain: Buffer): Buffer;
  /** Throws when the frame is not the one that was written there under this key. */
  open(index: number, mark: number, sealed: Buffer): Buffer;
}

const PLAIN: FrameCipher = { seal: (_index, _mark, plain) => plain, open: (_index, _mark, sealed) => sealed };

/** `key`: 32 bytes; null: the frames are not sealed. `header` has a random part, so that no two files are sealed under one key. */
function createFrameCipher(key: Buffer | null, header: string): FrameCipher {
  if (key === null) return PLAIN;
  const salt = createHash('sha256').update(header).digest();
  const fileKey = Buffer.from(hkdfSync('sha256', key, salt, 'gatehouse-backup-v1', 32));
  const buildNonce = (index: number, mark: number) => {
    const nonce = Buffer.alloc(12);
    nonce.writeUInt8(mark, 0);
    nonce.writeBigUInt64BE(BigInt(index), 4);
    return nonce;
  };
  return {
    seal(index, mark, plain) {
      const cipher = createCipheriv('aes-256-gcm', fileKey, buildNonce(index, mark));
      return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open(index, mark, sealed) {
      const decipher = createDecipheriv('aes-256-gcm', fileKey, buildNonce(index, mark), { authTagLength: TAG_BYTES });
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
    },
  };
}

/** The header, the bytes as frames, and the frame with the hash of both. */
export async function* writeFrames(header: string, key: Buffer | null, source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const cipher = createFrameCipher(key, header);
  const hash = createHash('sha256').update(header);
  let index = 0;
  const seal = (mark: number, plain: Buffer) => Buffer.concat([Buffer.of(mark), toBlock(cipher.seal(index++, mark, plain))]);
  yield Buffer.from(header);
  for await (const piece of source) {
    hash.update(piece);
    for (let at = 0; at < piece.length; at += FRAME_BYTES) yield seal(MORE, piece.subarray(at, at + FRAME_BYTES));
  }
  yield seal(LAST, hash.digest());
}

/** The bytes in the frames behind this header. Throws DamagedBackup when a frame is damaged, was changed, or is missing, at the latest at the end. */
export async function* readFrames(header: string, key: Buffer | null, reader: ByteReader): AsyncGenerator<Buffer> {
  const cipher = createFrameCipher(key, header);
  const hash = createHash('sha256').update(header);
  for (let index = 0; ; index += 1) {
    const mark = (await reader.read(1))[0] ?? MORE;
    const plain = openFrame(cipher, index, mark, await reader.readBlock(FRAME_BYTES + TAG_BYTES));
    if (mark === LAST) {
      if (!hash.digest().equals(plain)) {
        throw new DamagedBackup('The file is damaged or was changed: what is in it has another hash than stands at its end.');
      }
      return reader.requireEnd();
    }
    hash.update(plain);
    yield plain;
  }
}

function openFrame(cipher: FrameCipher, index: number, mark: number, sealed: Buffer): Buffer {
  try {
    return cipher.open(index, mark, sealed);
  } catch {
    throw new DamagedBackup(
      'The file does not open: it was changed, or GATEHOUSE_BACKUP_KEY is another key than it was made with.',
    );
  }
}
