import { crc32 } from 'node:zlib';

/**
 * A segment is a row of frames: magic (4) | payload length (4, big endian) | CRC-32 over kind and payload (4) | kind (1) | payload.
 * The magic holds bytes that UTF-8 text cannot, so reading can find its place again behind damage.
 */
const MAGIC = Buffer.from([0xf5, 0x47, 0x48, 0xff]);
const HEADER_BYTES = 13;
/** Largest payload; a receipt is a few kilobytes. */
const MAX_PAYLOAD_BYTES = 1024 * 1024;
/** Largest receipt before it has its place in a stream. */
export const MOST_DRAFT_BYTES = MAX_PAYLOAD_BYTES - 1_024;
export const MAX_FRAME_BYTES = HEADER_BYTES + MAX_PAYLOAD_BYTES;

export type FrameKind = 'header' | 'intent' | 'receipt';
const KIND_BYTES: Record<FrameKind, number> = { header: 1, intent: 2, receipt: 3 };
const KINDS = new Map<number, FrameKind>([
  [1, 'header'],
  [2, 'intent'],
  [3, 'receipt'],
]);

export interface Frame {
  kind: FrameKind;
  payload: string;
  /** offset of the byte after this frame */
  end: number;
}

export interface Scan {
  frames: Frame[];
  /** offset after the last whole frame; what follows is torn or damaged */
  end: number;
  /** bytes between whole frames that are no frame */
  damagedBytes: number;
}

/** A frame with this text as its payload. */
export function encodeFrame(kind: FrameKind, json: string): Buffer {
  const length = Buffer.byteLength(json);
  if (length > MAX_PAYLOAD_BYTES) throw new RangeError(`A ${kind} of ${length} bytes does not fit a frame`);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + length);
  MAGIC.copy(frame, 0);
  frame.writeUInt32BE(length, 4);
  frame.writeUInt8(KIND_BYTES[kind], 12);
  frame.write(json, HEADER_BYTES);
  frame.writeUInt32BE(crc32(frame.subarray(12)), 8);
  return frame;
}

/** Reads every whole frame; damage in between is skipped and counted, a torn end is left out. */
export function scanFrames(bytes: Buffer): Scan {
  const scan: Scan = { frames: [], end: 0, damagedBytes: 0 };
  for (let offset = 0; offset < bytes.length;) {
    const frame = decodeFrame(bytes, offset);
    if (frame) {
      scan.damagedBytes += offset - scan.end;
      scan.frames.push(frame);
      offset = scan.end = frame.end;
      continue;
    }
    const next = bytes.indexOf(MAGIC, offset + 1);
    if (next === -1) break;
    offset = next;
  }
  return scan;
}

function decodeFrame(bytes: Buffer, offset: number): Frame | null {
  if (offset + HEADER_BYTES > bytes.length || MAGIC.compare(bytes, offset, offset + MAGIC.length) !== 0) return null;
  const end = offset + HEADER_BYTES + bytes.readUInt32BE(offset + 4);
  const kind = KINDS.get(bytes.readUInt8(offset + 12));
  if (!kind || end > bytes.length || end - offset > MAX_FRAME_BYTES) return null;
  if (crc32(bytes.subarray(offset + 12, end)) !== bytes.readUInt32BE(offset + 8)) return null;
  return { kind, payload: bytes.toString('utf8', offset + HEADER_BYTES, end), end };
}
