import { createHash } from 'node:crypto';

import type { PayloadType, SignedEnvelope } from '@gatehouse/protocol/envelope';

import type { Signed } from '../snapshot/envelopes.ts';

export const ENTRY_TYPE = 'application/vnd.gatehouse.revocation+json' satisfies PayloadType;
export const HEAD_TYPE = 'application/vnd.gatehouse.revocation-head+json' satisfies PayloadType;

/** An envelope as tables keep it. */
export function toEnvelopeRow({ payload, signature, keyId }: SignedEnvelope): Signed {
  return { payload: Buffer.from(payload, 'base64'), signature: Buffer.from(signature, 'base64'), keyId };
}

/** What an entry is known by: SHA-256 hex of its signed bytes. */
export function hashPayload(payload: Uint8Array): string {
  return createHash('sha256').update(payload).digest('hex');
}
