import { hash } from 'node:crypto';

import { hashContent, toCanonicalJson } from '@gatehouse/policy/documents/canonical';

import { GENESIS_HASH, type Receipt, type WrittenReceipt } from './receipt.ts';

/** Where a spool's stream of receipts stands. */
export interface ChainHead {
  /** of the last receipt; 0 before the first */
  seq: number;
  hash: string;
}

/** Before the first receipt of a spool. */
export const CHAIN_START: ChainHead = { seq: 0, hash: GENESIS_HASH };

/** SHA-256 over the canonical JSON of a receipt without its own hash, lower-case hex. */
export function hashReceipt(receipt: Omit<WrittenReceipt, 'hash'> & { hash?: string }): string {
  const { hash: _, ...sealed } = receipt;
  return hashContent(sealed);
}

/** A receipt with its place in the chain. */
export interface SealedReceipt {
  receipt: Receipt;
  /** the receipt as JSON: the very text that was hashed, and the hash */
  json: string;
}

/** Gives a receipt its place in the chain: the next number after `head`, its hash, and its own. */
export function sealReceipt(draft: Omit<Receipt, 'seq' | 'prevHash' | 'hash'>, head: ChainHead): SealedReceipt {
  const linked = { ...draft, seq: head.seq + 1, prevHash: head.hash };
  const text = toCanonicalJson(linked);
  const own = hash('sha256', text);
  return { receipt: { ...linked, hash: own }, json: `${text.slice(0, -1)},"hash":"${own}"}` };
}

export type ChainCheck =
  | { ok: true; head: ChainHead }
  /** `seq`: the first receipt that does not follow */
  | { ok: false; code: 'sequence_gap' | 'chain_broken'; seq: number };

/** Checks that receipts follow `head` one by one: numbers without a gap, each naming the hash before it, each matching its own. */
export function verifyRun(head: ChainHead, receipts: Iterable<WrittenReceipt>): ChainCheck {
  let at = head;
  for (const receipt of receipts) {
    const { seq, prevHash, hash } = receipt;
    if (seq !== at.seq + 1) return { ok: false, code: 'sequence_gap', seq };
    if (prevHash !== at.hash || hash !== hashReceipt(receipt)) return { ok: false, code: 'chain_broken', seq };
    at = { seq, hash };
  }
  return { ok: true, head: at };
}
