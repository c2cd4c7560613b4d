import { hash } from 'node:crypto';

import { toCanonicalJson } from '@gatehouse/policy/documents/canonical';
import { hashContent } from '@gatehouse/policy/documents/content-hash';

import { GENESIS_HASH, Receipt, type WrittenReceipt } from './receipt.ts';

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

/** What a receipt gets from its place in its stream, in canonical order; its own hash comes last. */
const PLACED = ['lostBefore', 'prevHash', 'seq', 'spoolId'] as const;

/** A receipt before it has a place in a stream. */
export type ReceiptDraft = Omit<Receipt, (typeof PLACED)[number] | 'hash'>;

/** A draft as canonical JSON: its members before, between and behind those of PLACED. It is written once; its place is put in between. */
export interface EncodedDraft {
  id: string;
  members: readonly string[];
}

const placedOrHash: ReadonlySet<string> = new Set([...PLACED, 'hash']);
const isOwnMember = (name: string): name is keyof ReceiptDraft => name in Receipt.shape && !placedOrHash.has(name);

/** What a draft may hold and nothing else can leave the site, in canonical order: the members before each of PLACED, and those behind. */
const GROUPS = [0, 1, 2, 3, 4].map((group) =>
  Object.keys(Receipt.shape)
    .filter(isOwnMember)
    .toSorted()
    .filter((name) => PLACED.filter((placed) => placed < name).length === group),
);

/** Throws TypeError on values that JSON cannot hold. */
export function encodeDraft(draft: ReceiptDraft): EncodedDraft {
  const members = GROUPS.map((names) => {
    const group: Record<string, unknown> = {};
    for (const name of names) group[name] = draft[name];
    return toCanonicalJson(group).slice(1, -1);
  });
  return { id: draft.id, members };
}

/** A receipt as JSON, the very text that was hashed and the hash, and where it ends its stream. */
export interface SealedReceipt extends ChainHead {
  json: string;
}

/** Gives a receipt its place in a stream: the next number after `head`, its hash, and its own. */
export function sealReceipt(
  { members: [first, second, third, fourth, fifth] }: EncodedDraft,
  { spoolId, lostBefore }: Pick<Receipt, 'spoolId' | 'lostBefore'>,
  head: ChainHead,
): SealedReceipt {
  const seq = head.seq + 1;
  const placed = `{${first},"lostBefore":${lostBefore},${second},"prevHash":"${head.hash}",${third},"seq":${seq},${fourth},"spoolId":"${spoolId}",${fifth}`;
  const own = hash('sha256', `${placed}}`);
  return { json: `${placed},"hash":"${own}"}`, seq, hash: own };
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
