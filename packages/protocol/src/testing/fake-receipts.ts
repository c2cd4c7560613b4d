import { buildRejection } from '../codec.ts';
import type { HubMessage } from '../messages.ts';
import { CHAIN_START, verifyRun, type ChainHead } from '../receipt-chain.ts';
import type { WrittenReceipt } from '../receipt.ts';
import { Recording } from './recording.ts';

/** What the fake hub has taken in, with the hub's rules: known numbers are skipped, gaps and broken chains refused. */
export class FakeReceipts {
  readonly stored = new Recording<WrittenReceipt>('receipt');
  readonly #heads = new Map<string, ChainHead>();

  /** Stores what is new and returns the answer. */
  take(spoolId: string, receipts: readonly WrittenReceipt[]): HubMessage {
    const head = this.#heads.get(spoolId) ?? CHAIN_START;
    const fresh = receipts.filter((receipt) => receipt.seq > head.seq);
    const run = verifyRun(head, fresh);
    if (!run.ok) return buildRejection('audit-batch', run.code, `Receipt ${run.seq} does not follow ${head.seq}.`);
    this.#heads.set(spoolId, run.head);
    for (const receipt of fresh) this.stored.add(receipt);
    return { type: 'audit-ack', spoolId, throughSeq: run.head.seq, headHash: run.head.hash };
  }

  /** What a welcome says. */
  listStreams(): { spoolId: string; lastSeq: number; headHash: string }[] {
    return [...this.#heads].map(([spoolId, { seq, hash }]) => ({ spoolId, lastSeq: seq, headHash: hash }));
  }

  /** Plays a control plane that was restored from a backup: it knows a spool only up to `seq` of what it once acknowledged. */
  restore(spoolId: string, seq: number): void {
    const receipt = this.stored.all.findLast((candidate) => candidate.spoolId === spoolId && candidate.seq === seq);
    if (receipt) this.#heads.set(spoolId, { seq, hash: receipt.hash });
    else this.#heads.delete(spoolId);
  }
}
