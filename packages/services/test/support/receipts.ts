import { randomUUID } from 'node:crypto';

import { GENESIS_HASH, type Receipt, type WrittenReceipt } from '@gatehouse/protocol/receipt';
import { hashReceipt } from '@gatehouse/protocol/receipt-chain';
import { writeEarlier } from '@gatehouse/protocol/testing/build-receipts';

/** Makes the chained receipts of one spool, as an agent would. */
export class Spool {
  readonly spoolId = randomUUID();
  readonly siteId: string;
  #seq = 0;
  #head = GENESIS_HASH;

  constructor(siteId: string) {
    this.siteId = siteId;
  }

  makeNext(overrides: Partial<Receipt> = {}): Receipt {
    this.#seq += 1;
    const receipt = withHash({
      format: 2,
      id: randomUUID(),
      spoolId: this.spoolId,
      seq: this.#seq,
      eventAt: new Date().toISOString(),
      siteId: this.siteId,
      configVersion: 3,
      siteKeyId: 'key-1',
      personId: null,
      keyId: null,
      sessionId: 'session-1',
      clientName: 'Cursor',
      clientVersion: '2.0',
      protocolVersion: '2025-11-25',
      profileId: null,
      profileVersion: 1,
      serverId: null,
      method: 'tools/call',
      kind: 'tool',
      name: 'get_order',
      advertisedName: 'get_order',
      nameFingerprint: null,
      pin: null,
      risk: 'read',
      credential: null,
      outcome: 'allowed',
      reasonCode: 'ok',
      checks: [{ check: 'identity', result: 'pass' }],
      arguments: {
        fields: [
          { pointer: '/order_id', type: 'string', size: 4 },
          { pointer: '/note', type: 'string', size: 12, fingerprint: 'ab'.repeat(16) },
        ],
        logged: [{ pointer: '/order_id', value: '8841', redacted: false }],
        bytes: 40,
        truncated: false,
      },
      result: {
        isError: false,
        content: [{ type: 'text', size: 312 }],
        structured: [],
        logged: [],
        bytes: 312,
        truncated: false,
      },
      durationMs: 12.5,
      upstreamMs: 9,
      lostBefore: 0,
      prevHash: this.#head,
      hash: '',
      ...overrides,
    });
    this.#head = receipt.hash;
    return receipt;
  }

  /** The same in the format of older agents. */
  makeEarlier(overrides: Partial<Receipt> = {}): WrittenReceipt {
    const head = { seq: this.#seq, hash: this.#head };
    const receipt = writeEarlier(this.makeNext(overrides), head);
    this.#head = receipt.hash;
    return receipt;
  }

  makeBatch(count: number, overrides: Partial<Receipt> = {}): Receipt[] {
    return Array.from({ length: count }, () => this.makeNext(overrides));
  }
}

/** The receipt with the hash that it must have. */
export function withHash(receipt: Receipt): Receipt {
  return { ...receipt, hash: hashOrNone(receipt) };
}

/** A receipt that has no canonical form gets a hash that fits nothing. */
function hashOrNone(receipt: Receipt): string {
  try {
    return hashReceipt(receipt);
  } catch {
    return GENESIS_HASH;
  }
}
