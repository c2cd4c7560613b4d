import { closeSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';

import * as z from 'zod';

import { Risk } from '@gatehouse/policy/documents/definition';
import { isJsonObject } from '@gatehouse/policy/documents/json';
import { Sha256 } from '@gatehouse/policy/documents/sha256';
import { CallMethod, getRecordedKind, RecordedKind, RecordedMethod, WrittenReceipt } from '@gatehouse/protocol/receipt';

import { parseJson } from '../state/parse-json.ts';
import { openFile } from '../state/read-file.ts';
import { METHOD } from '../wire/protocol.ts';
import type { CallFacts } from './call-record.ts';
import { MAX_FRAME_BYTES, scanFrames } from './frame.ts';

const Text = z.string().nullable();
const Facts = z.strictObject({
  callId: z.uuid(),
  eventAt: z.iso.datetime(),
  configVersion: z.int().nonnegative(),
  personId: Text,
  keyId: Text,
  sessionId: Text,
  clientName: Text,
  clientVersion: Text,
  protocolVersion: Text,
  profileId: Text,
  profileVersion: z.int().positive().nullable(),
  serverId: Text,
  // intents of older agents have none
  method: RecordedMethod.nullable().default(METHOD.callTool),
  kind: RecordedKind.nullable(),
  name: Text,
  advertisedName: Text,
  pin: Text,
  risk: Risk.nullable(),
  credential: Text,
});

/** An intent as it stands on disk; older agents wrote one name for every kind. */
export const Intent: z.ZodType<CallFacts> = z.preprocess((value) => {
  if (!isJsonObject(value) || !('toolName' in value)) return value;
  const { toolName: name, ...facts } = value;
  const method = CallMethod.safeParse(facts['method']).data ?? METHOD.callTool;
  return { ...facts, kind: typeof name === 'string' ? getRecordedKind(method, name) : null, name };
}, Facts);

/** First frame of a segment. The intents that are open at that moment follow it, so a restart reads the last segment only. */
export const SegmentHeader = z.strictObject({
  format: z.literal(1),
  spoolId: z.uuid(),
  prevSeq: z.int().nonnegative(),
  prevHash: Sha256,
});
export type SegmentHeader = z.infer<typeof SegmentHeader>;

export interface SegmentFile {
  number: number;
  path: string;
  spoolId: string;
  /** sequence number before the first receipt of this segment */
  prevSeq: number;
  /** bytes that may be read: durable ones of the open segment, all of a closed one */
  readableEnd: number;
}

export function getSegmentPath(directory: string, number: number): string {
  return join(directory, `${String(number).padStart(8, '0')}.seg`);
}

/** Every segment in order. One whose header is damaged is known from its first receipt; without any it holds intents at most. */
export function listSegments(directory: string): SegmentFile[] {
  const segments: SegmentFile[] = [];
  for (const name of readdirSync(directory).sort()) {
    if (!/^\d{8}\.seg$/.test(name)) continue;
    const path = join(directory, name);
    const { spoolId, prevSeq } = readHeader(path) ?? inferHeader(path) ?? segments.at(-1) ?? { spoolId: '', prevSeq: 0 };
    segments.push({ number: Number(name.slice(0, 8)), path, spoolId, prevSeq, readableEnd: statSync(path).size });
  }
  return segments;
}

/** Null when the first frame is damaged. */
export function readHeader(path: string): SegmentHeader | null {
  const first = scanFrames(readBytes(path, 0, MAX_FRAME_BYTES)).frames[0];
  return first?.kind === 'header' ? parseJson(first.payload, SegmentHeader) : null;
}

function inferHeader(path: string): { spoolId: string; prevSeq: number } | null {
  for (const { kind, payload } of scanFrames(readBytes(path, 0, Infinity)).frames) {
    const receipt = kind === 'receipt' ? parseJson(payload, WrittenReceipt) : null;
    if (receipt) return { spoolId: receipt.spoolId, prevSeq: receipt.seq - 1 };
  }
  return null;
}

/** At most `length` bytes from `offset`. */
export function readBytes(path: string, offset: number, length: number): Buffer {
  const fd = openFile(path);
  try {
    const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, statSync(path).size - offset)));
    let done = 0;
    while (done < bytes.length) {
      const read = readSync(fd, bytes, done, bytes.length - done, offset + done);
      if (read === 0) break;
      done += read;
    }
    return bytes.subarray(0, done);
  } finally {
    closeSync(fd);
  }
}
