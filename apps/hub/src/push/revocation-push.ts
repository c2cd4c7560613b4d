import type { RevocationsStatus } from '@gatehouse/protocol/revocations';
import { getNewRevocations, type GetNewRevocations } from '@gatehouse/services/revocation/get-new-revocations';

import type { Peer } from './agent-push.ts';
import type { KeysetPush } from './keyset-push.ts';

/**
 * Brings the revocation log of one connected agent to its tenant's: what it lacks, one message after the answer to the one before, then every
 * newer head. The hub signs nothing of it.
 */
export class RevocationPush {
  readonly #peer: Peer;
  readonly #keyset: KeysetPush;
  readonly #answerMs: number;
  /** where to go on; null until the agent has said what it has */
  #from: GetNewRevocations | null = null;
  #outstanding: { through: number; sentAt: number } | null = null;
  /** of the newest head that was sent, milliseconds since the epoch */
  #sentAsOf = 0;
  /** the agent handed something back and waits for the next message */
  #isAnswerDue = false;
  #isSettled = false;

  constructor(peer: Peer, keyset: KeysetPush, answerMs: number) {
    this.#peer = peer;
    this.#keyset = keyset;
    this.#answerMs = answerMs;
  }

  /** False while the agent lacks entries that were not sent: until then no configuration is, which may not know of them. */
  get isSettled(): boolean {
    return this.#isSettled || !this.#peer.features.has('revocations');
  }

  recordStatus({ root }: RevocationsStatus): void {
    this.#from = this.#outstanding ? { after: this.#outstanding.through } : (this.#from ?? { root });
    this.#outstanding = null;
  }

  recordHandOver(): void {
    this.#isAnswerDue = true;
  }

  /** Sends what is next, if anything is. */
  async push(): Promise<void> {
    const { ctx } = this.#peer;
    const open = this.#outstanding;
    if (!this.#from || this.#peer.isBackedUp || (open && Date.now() - open.sentAt < this.#answerMs)) return;
    const next = await getNewRevocations({ ctx, input: this.#from });
    if (next && !(await this.#keyset.covers(next.head, ...next.entries))) return;
    if (!this.#peer.isServed) return;
    this.#isSettled = !next?.hasMore;
    if (!next || (next.entries.length === 0 && next.asOf.getTime() <= this.#sentAsOf && !this.#isAnswerDue)) return;
    const { entries, head, through, asOf } = next;
    this.#outstanding = { through, sentAt: Date.now() };
    this.#sentAsOf = asOf.getTime();
    this.#isAnswerDue = false;
    this.#peer.send({ type: 'revocations', entries, head });
  }
}
