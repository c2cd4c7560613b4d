import type { Feature } from '@gatehouse/protocol/features';
import { GENESIS_HASH, readReceipt, type WrittenReceipt } from '@gatehouse/protocol/receipt';
import { sealReceipt, type EncodedDraft, type ReceiptDraft } from '@gatehouse/protocol/receipt-chain';

/** What was added to receipts since their format was settled. */
export const RECEIPT_FEATURES = [
  'list-age',
  'hidden-text',
  'call-limit',
  'changed-arguments',
  'answer-unread',
  'busy',
] as const satisfies readonly Feature[];
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

/** Gives a draft the next place: number, hash of the one before, own hash. `json`: the receipt; `next`: where the stream stands behind it. */
export function chainReceipt(
  { spoolId, lastSeq, headHash }: StreamHead,
  draft: EncodedDraft,
  lostBefore: number,
): { json: string; next: StreamHead } {
  const { json, seq, hash } = sealReceipt(draft, { spoolId, lostBefore }, { seq: lastSeq, hash: headHash });
  return { json, next: { spoolId, lastSeq: seq, headHash: hash } };
}

export function advanceHead(receipt: WrittenReceipt): StreamHead {
  return { spoolId: receipt.spoolId, lastSeq: receipt.seq, headHash: receipt.hash };
}

/** The receipt without its place, in the present form because it will have another hash, and how many were lost before it. */
export function unchainReceipt(receipt: WrittenReceipt): { draft: ReceiptDraft; lostBefore: number } {
  const { spoolId: _spoolId, seq: _seq, prevHash: _prevHash, hash: _hash, lostBefore, ...draft } = readReceipt(receipt);
  return { draft, lostBefore };
}
