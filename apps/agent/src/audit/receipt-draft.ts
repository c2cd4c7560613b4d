import type { z } from 'zod';

import { GENESIS_HASH, Receipt } from '@gatehouse/protocol/receipt';
import { sealReceipt } from '@gatehouse/protocol/receipt-chain';

/** A receipt before it has a place in the stream. */
export const ReceiptDraft = Receipt.omit({ spoolId: true, seq: true, lostBefore: true, prevHash: true, hash: true });
export type ReceiptDraft = z.infer<typeof ReceiptDraft>;

/** Where a stream of receipts stands. */
export interface StreamHead {
  spoolId: string;
  lastSeq: number;
  headHash: string;
}

export function newStream(spoolId: string): StreamHead {
  return { spoolId, lastSeq: 0, headHash: GENESIS_HASH };
}

/** Gives a draft the next place: number, hash of the one before, own hash. */
export function chainReceipt(head: StreamHead, draft: ReceiptDraft, lostBefore: number): Receipt {
  return sealReceipt({ ...draft, spoolId: head.spoolId, lostBefore }, { seq: head.lastSeq, hash: head.headHash });
}

export function headAfter(receipt: Receipt): StreamHead {
  return { spoolId: receipt.spoolId, lastSeq: receipt.seq, headHash: receipt.hash };
}

/** The receipt without its place, and how many were lost before it. */
export function unchainReceipt(receipt: Receipt): { draft: ReceiptDraft; lostBefore: number } {
  const { spoolId: _spoolId, seq: _seq, prevHash: _prevHash, hash: _hash, lostBefore, ...draft } = receipt;
  return { draft, lostBefore };
}
