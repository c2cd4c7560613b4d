import { randomUUID } from 'node:crypto';

import { CHAIN_START, encodeDraft, hashReceipt, sealReceipt, type ChainHead, type ReceiptDraft } from '../receipt-chain.ts';
import { CallMethod, Receipt, type WrittenReceipt } from '../receipt.ts';

/** A chained run of receipts of one spool; `overrides` go into every one. */
export function buildReceipts(count: number, overrides: Partial<Receipt> = {}): Receipt[] {
  const own = randomUUID();
  const siteId = randomUUID();
  let head = CHAIN_START;
  return Array.from({ length: count }, () => {
    const { spoolId = own, lostBefore = 0, seq: _seq, prevHash: _prevHash, hash: _hash, ...more } = overrides;
    const draft = encodeDraft({ ...buildDraft(siteId), ...more });
    const { json, ...next } = sealReceipt(draft, { spoolId, lostBefore }, head);
    head = next;
    return Receipt.parse(JSON.parse(json));
  });
}

function buildDraft(siteId: string): ReceiptDraft {
  return {
    format: 2,
    id: randomUUID(),
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
  };
}

/** The receipt of a call at its place behind `head`, as agents wrote it in format 1. */
export function writeEarlier(receipt: Receipt, head: ChainHead): WrittenReceipt {
  const { kind: _kind, name: toolName, nameFingerprint: toolFingerprint, ...common } = receipt;
  const method = CallMethod.parse(receipt.method);
  const earlier = { ...common, method, format: 1 as const, toolName, toolFingerprint, seq: head.seq + 1, prevHash: head.hash };
  return { ...earlier, hash: hashReceipt(earlier) };
}
