import type { z } from 'zod';

import type { Feature } from '@gatehouse/protocol/features';
import { GENESIS_HASH, readReceipt, Receipt, type WrittenReceipt } from '@gatehouse/protocol/receipt';
import { sealReceipt, type SealedReceipt } from '@gatehouse/protocol/receipt-chain';

/** A receipt before it has a place in the stream. */
export const ReceiptDraft = Receipt.omit({ spoolId: true, seq: true, lostBefore: true, prevHash: true, hash: true });
export type ReceiptDraft = z.infer<typeof ReceiptDraft>;

/** What was added to receipts since their format was settled. */
export const RECEIPT_FEATURES = ['list-age', 'hidden-text', 'call-limit'] as const satisfies readonly Feature[];
export type ReceiptFeature = (typeof RECEIPT_FEATURES)[number];

/** Where a stream of receipts stands. */
export interface StreamHead {
  spoolId: string;
  lastSeq: number;
  headHash: string;
}

export function startStream(spoolId: string): StreamHead {
  return { spoolId, lastSeq: 0, headHash: GENESIS_HASH };
}

/** Gives a draft the next place: number, hash of the one before, own hash. */
export function chainReceipt(head: StreamHead, draft: ReceiptDraft, lostBefore: number): SealedReceipt {
  return sealReceipt({ ...draft, spoolId: head.spoolId, lostBefore }, { seq: head.lastSeq, hash: head.headHash });
}

export function advanceHead(receipt: WrittenReceipt): StreamHead {
  return { spoolId: receipt.spoolId, lastSeq: receipt.seq, headHash: receipt.hash };
}

/** The receipt without its place, in the present form because it will have another hash, and how many were lost before it. */
export function unchainReceipt(receipt: WrittenReceipt): { draft: ReceiptDraft; lostBefore: number } {
  const { spoolId: _spoolId, seq: _seq, prevHash: _prevHash, hash: _hash, lostBefore, ...draft } = readReceipt(receipt);
  return { draft, lostBefore };
}
