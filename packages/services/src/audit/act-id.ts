import { randomBytes } from 'node:crypto';

/** Id for an act that a row is to carry, of the form that the log's own ids have. */
export function createActId(): string {
  return createTimedId(new Date());
}

/** A UUID of version 7: it begins with this time, and ids sort by it. */
export function createTimedId(at: Date): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(at.getTime(), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
