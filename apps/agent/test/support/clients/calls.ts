import { randomUUID } from 'node:crypto';

import type { ReceiptDraft } from '@gatehouse/protocol/receipt-chain';

import type { CallFacts, CallRecord } from '../../../src/audit/call-record.ts';

export function makeFacts(overrides: Partial<CallFacts> = {}): CallFacts {
  return {
    callId: randomUUID(),
    eventAt: '2026-11-21T10:00:00.000Z',
    configVersion: 3,
    personId: randomUUID(),
    keyId: randomUUID(),
    sessionId: 'session-1',
    clientName: 'cursor',
    clientVersion: '3.1',
    protocolVersion: '2025-11-25',
    profileId: randomUUID(),
    profileVersion: 2,
    serverId: randomUUID(),
    method: 'tools/call',
    kind: 'tool',
    name: 'get_order',
    advertisedName: 'get_order',
    pin: 'a'.repeat(64),
    risk: 'read',
    credential: 'env:ORDERS_TOKEN',
    ...overrides,
  };
}

export function makeRecord(overrides: Partial<CallRecord> = {}): CallRecord {
  return {
    ...makeFacts(),
    unknownName: null,
    outcome: 'allowed',
    reasonCode: 'ok',
    checks: [{ check: 'identity', result: 'pass' }],
    arguments: null,
    result: null,
    durationMs: 12.5,
    upstreamMs: 8,
    ...overrides,
  };
}

export function makeDraft(overrides: Partial<ReceiptDraft> = {}): ReceiptDraft {
  const { callId, ...facts } = makeFacts();
  return {
    format: 2,
    id: callId,
    ...facts,
    siteId: randomUUID(),
    siteKeyId: 'k1',
    nameFingerprint: null,
    outcome: 'allowed',
    reasonCode: 'ok',
    checks: [],
    arguments: null,
    result: null,
    durationMs: 1,
    upstreamMs: 1,
    ...overrides,
  };
}
