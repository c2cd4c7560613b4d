import { ReadableRevocation } from '@gatehouse/policy/documents/revocation';
import type { SignedEnvelope } from '@gatehouse/protocol/envelope';
import { EnvelopeError, verifyEnvelope } from '@gatehouse/protocol/verify';

import { ENTRY_TYPE } from './envelope-row.ts';
import type { SignedEntry } from './write-revocations.ts';

/**
 * The entry when one of the tenant's own keys signed it as a revocation of this tenant; else null, whoever brought it. A key that signs no more may
 * be in the hands of a thief: what it has signed still revokes, as after a restore it must, and lifts nothing.
 */
export function openEntry(
  envelope: SignedEnvelope,
  { tenantId, keys, signingKeyId }: { tenantId: string; keys: ReadonlyMap<string, Uint8Array>; signingKeyId: string },
): SignedEntry | null {
  try {
    const bytes = verifyEnvelope(envelope, keys, ENTRY_TYPE);
    const revocation = ReadableRevocation.safeParse(JSON.parse(bytes.toString('utf8'))).data;
    if (revocation?.tenantId !== tenantId) return null;
    return envelope.keyId === signingKeyId || revocation.act !== 'lift' ? { envelope, revocation } : null;
  } catch (error) {
    if (error instanceof EnvelopeError || error instanceof SyntaxError) return null;
    throw error;
  }
}
