import type { SignedEnvelope } from '@gatehouse/protocol/envelope';
import type { KeysetStatus } from '@gatehouse/protocol/keyset';
import { getNewestKeyset } from '@gatehouse/services/keyset/get-newest-keyset';
import { recordKeyset } from '@gatehouse/services/keyset/record-keyset';

import type { Peer } from './agent-push.ts';

/**
 * Brings one connected agent to its tenant's keyset, and says what it can take: something that is signed with a key that the agent does not know
 * would be refused, and not sent again.
 */
export class KeysetPush {
  readonly #peer: Peer;
  /** newest that the agent holds or was sent; null until it has said what it holds */
  #version: number | null = null;
  /** newest that was sent on this connection; one that the agent refused is not sent again */
  #sentVersion = 0;
  /** whose signatures the agent takes; null while the root alone signs */
  #keyIds: readonly string[] | null = null;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  async recordStatus({ keyset }: KeysetStatus): Promise<void> {
    const { ctx, log } = this.#peer;
    const { version, keyIds, isAhead } = await recordKeyset({ ctx, input: { keyset } });
    this.#version = version;
    this.#keyIds = version === 0 ? null : keyIds;
    if (isAhead)
      log.warn({ version }, 'this agent holds a keyset that this control plane lacks; an owner has to rotate the signing key');
  }

  /** Sends the newest when the agent has an older one. */
  async push(): Promise<void> {
    const { ctx, isServed } = this.#peer;
    if (this.#version === null || !isServed) return;
    const newest = await getNewestKeyset({ ctx, input: { newerThan: Math.max(this.#version, this.#sentVersion) } });
    if (!newest || !this.#peer.isServed) return;
    this.#sentVersion = newest.version;
    this.#keyIds = newest.keyIds;
    this.#peer.send({ type: 'keyset', keyset: newest.envelope });
  }

  /** Whether the agent takes what is signed like these, once the newest keyset is sent. */
  async covers(...envelopes: readonly SignedEnvelope[]): Promise<boolean> {
    if (!this.#peer.features.has('keyset')) return true;
    if (this.#keyIds === null || !this.#hasKeys(envelopes)) await this.push();
    return this.#hasKeys(envelopes);
  }

  #hasKeys(envelopes: readonly SignedEnvelope[]): boolean {
    if (this.#version === null) return false;
    return this.#keyIds === null || envelopes.every(({ keyId }) => this.#keyIds?.includes(keyId));
  }
}
