import { randomUUID } from 'node:crypto';
import { readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

import { WrittenReceipt } from '@gatehouse/protocol/receipt';

import type { Disk } from '../state/disk.ts';
import { parseJson } from '../state/parse-json.ts';
import type { CallFacts } from './call-record.ts';
import { scanFrames } from './frame.ts';
import { advanceHead, startStream, type StreamHead } from './receipt-draft.ts';
import { Intent, listSegments, readBytes, readHeader, type SegmentFile } from './segment.ts';

export interface Recovered {
  head: StreamHead;
  segments: SegmentFile[];
  /** intents without receipt: those calls ended with the last process */
  openIntents: Map<string, CallFacts>;
  /** bytes of an unfinished write, cut off */
  tornBytes: number;
  /** bytes in the middle that are no frame: something damaged the file */
  damagedBytes: number;
  /** receipts that are known to be gone, from their sequence numbers */
  missingReceipts: number;
}

/**
 * Reads the last segment (and any behind a damaged header), cuts its torn end and makes what was read durable. Throws on disk errors;
 * damage is reported, never hidden.
 */
export async function recoverSpool(directory: string, disk: Disk): Promise<Recovered> {
  for (const name of readdirSync(directory)) {
    if (name.endsWith('.new')) disk.remove(join(directory, name));
  }
  const segments = listSegments(directory);
  const state: Recovered = {
    head: startStream(randomUUID()),
    segments,
    openIntents: new Map(),
    tornBytes: 0,
    damagedBytes: 0,
    missingReceipts: 0,
  };
  const base = Math.max(
    0,
    segments.findLastIndex((segment) => readHeader(segment.path) !== null),
  );
  for (const segment of segments.slice(base)) foldSegment(state, segment);
  const last = segments.at(-1);
  if (last) await cutAndSync(state, last, disk);
  return state;
}

function foldSegment(state: Recovered, segment: SegmentFile): void {
  const scan = scanFrames(readBytes(segment.path, 0, Infinity));
  state.damagedBytes += scan.damagedBytes;
  for (const { kind, payload } of scan.frames) {
    if (kind === 'header') {
      const header = readHeader(segment.path);
      if (header) state.head = { spoolId: header.spoolId, lastSeq: header.prevSeq, headHash: header.prevHash };
    } else if (kind === 'intent') {
      const intent = parseJson(payload, Intent);
      if (intent) state.openIntents.set(intent.callId, intent);
      else state.damagedBytes += payload.length;
    } else {
      const receipt = parseJson(payload, WrittenReceipt);
      if (receipt) foldReceipt(state, receipt);
      else state.damagedBytes += payload.length;
    }
  }
}

function foldReceipt(state: Recovered, receipt: WrittenReceipt): void {
  state.openIntents.delete(receipt.id);
  const { head } = state;
  if (receipt.spoolId === head.spoolId) {
    if (receipt.seq <= head.lastSeq) return;
    state.missingReceipts += receipt.seq - head.lastSeq - 1;
  }
  state.head = advanceHead(receipt);
}

async function cutAndSync(state: Recovered, last: SegmentFile, disk: Disk): Promise<void> {
  const { end } = scanFrames(readBytes(last.path, 0, Infinity));
  state.tornBytes = last.readableEnd - end;
  if (state.tornBytes > 0) truncateSync(last.path, end);
  last.readableEnd = end;
  const fd = disk.append(last.path);
  try {
    await disk.sync(fd);
  } finally {
    disk.close(fd);
  }
}
