import { ReadableRevocation } from '@gatehouse/policy/documents/revocation';
import type { SignedEnvelope } from '@gatehouse/protocol/envelope';
import { EnvelopeError, verifyEnvelope } from '@gatehouse/protocol/verify';

import { ENTRY_TYPE } from './envelope-row.ts';
import type { SignedEntry } from './write-revocations.ts';

/** The entry when one of the tenant's own keys signed it as a revocation of this tenant; else null, whoever brought it. */
export function openEntry(
  envelope: SignedEnvelope,
  { tenantId, keys }: { tenantId: string; keys: ReadonlyMap<string, Uint8Array> },
): SignedEntry | null {
  try {
    const bytes = verifyEnvelope(envelope, keys, ENTRY_TYPE);
    const revocation = ReadableRevocation.safeParse(JSON.parse(bytes.toString('utf8'))).data;
    return revocation?.tenantId === tenantId ? { envelope, revocation } : null;
  } catch (error) {
    if (error instanceof EnvelopeError || error instanceof SyntaxError) return null;
    throw error;
  }
}
