import type { WrittenReceipt } from '@gatehouse/protocol/receipt';
import { hashReceipt } from '@gatehouse/protocol/receipt-chain';

import { ServiceError, type ServiceErrorReason } from '../errors.ts';

/** Where a stream stands before a batch. */
export interface StreamHead {
  lastSeq: number;
  headHash: string;
}

/** Throws `precondition` with a reason unless the batch is one unbroken piece of this spool's chain. */
export function verifyBatch(receipts: readonly WrittenReceipt[], origin: { spoolId: string; siteId: string }): void {
  let previous: WrittenReceipt | undefined;
  for (const receipt of receipts) {
    if (receipt.spoolId !== origin.spoolId) throw createReceiptError('foreign_id', receipt, 'belongs to another spool');
    if (receipt.siteId !== origin.siteId) throw createReceiptError('foreign_id', receipt, 'belongs to another site');
    if (previous && receipt.seq !== previous.seq + 1)
      throw createReceiptError('sequence_gap', receipt, `does not follow ${previous.seq}`);
    if (previous && receipt.prevHash !== previous.hash)
      throw createReceiptError('chain_broken', receipt, 'does not continue the one before');
    if (!hasOwnHash(receipt)) throw createReceiptError('chain_broken', receipt, 'does not have its hash');
    previous = receipt;
  }
}

/** A receipt without a canonical form (half of a surrogate pair) cannot have been hashed by an agent. */
function hasOwnHash(receipt: WrittenReceipt): boolean {
  try {
    return hashReceipt(receipt) === receipt.hash;
  } catch {
    return false;
  }
}

/** Gives what of a verified batch is new. Throws `precondition` for a gap before it and for another history than the one that is stored. */
export function verifyFreshReceipts(receipts: readonly WrittenReceipt[], { lastSeq, headHash }: StreamHead): WrittenReceipt[] {
  const stored = receipts.find(({ seq }) => seq === lastSeq);
  if (stored && stored.hash !== headHash) throw createReceiptError('chain_broken', stored, 'is not the one that is stored');
  const fresh = receipts.filter(({ seq }) => seq > lastSeq);
  const [first] = fresh;
  if (!first) return [];
  if (first.seq !== lastSeq + 1) throw createReceiptError('sequence_gap', first, `does not follow ${lastSeq}`);
  if (first.prevHash !== headHash) throw createReceiptError('chain_broken', first, 'does not continue the one that is stored');
  return fresh;
}

function createReceiptError(reason: ServiceErrorReason, { seq }: WrittenReceipt, problem: string): ServiceError {
  return new ServiceError('precondition', `Receipt ${seq} ${problem}. Nothing of the batch was stored.`, { reason });
}
