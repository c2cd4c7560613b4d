import { randomUUID } from 'node:crypto';

import { CHAIN_START, type ChainHead, hashReceipt, sealReceipt } from '../receipt-chain.ts';
import { CallMethod, type Receipt, type WrittenReceipt } from '../receipt.ts';

/** A chained run of receipts of one spool; `overrides` go into every one. */
export function buildReceipts(count: number, overrides: Partial<Receipt> = {}): Receipt[] {
  const spoolId = randomUUID();
  const siteId = randomUUID();
  let head = CHAIN_START;
  return Array.from({ length: count }, () => {
    const { receipt } = sealReceipt(
      {
        format: 2,
        id: randomUUID(),
        spoolId,
        eventAt: '2026-11-21T10:00:00.000Z',
        siteId,
        configVersion: 1,
        siteKeyId: 'a1b2c3d4e5f60718',
        personId: null,
        keyId: null,
        sessionId: null,
        clientName: null,
        clientVersion: null,
        protocolVersion: null,
        profileId: null,
        profileVersion: null,
        serverId: null,
        method: 'tools/call',
        kind: null,
        name: null,
        advertisedName: null,
        nameFingerprint: null,
        pin: null,
        risk: null,
        credential: null,
        outcome: 'denied',
        reasonCode: 'identity_missing',
        checks: [{ check: 'identity', result: 'fail', code: 'identity_missing' }],
        arguments: null,
        result: null,
        durationMs: 1.5,
        upstreamMs: null,
        lostBefore: 0,
        ...overrides,
      },
      head,
    );
    head = { seq: receipt.seq, hash: receipt.hash };
    return receipt;
  });
}

/** The receipt of a call at its place behind `head`, as agents wrote it in format 1. */
export function writeEarlier(receipt: Receipt, head: ChainHead): WrittenReceipt {
  const { kind: _kind, name: toolName, nameFingerprint: toolFingerprint, ...common } = receipt;
  const method = CallMethod.parse(receipt.method);
  const earlier = { ...common, method, format: 1 as const, toolName, toolFingerprint, seq: head.seq + 1, prevHash: head.hash };
  return { ...earlier, hash: hashReceipt(earlier) };
}
