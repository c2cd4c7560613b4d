import type { TenantTx } from '@gatehouse/db/tenant';
import type { PayloadType, SignedEnvelope } from '@gatehouse/protocol/envelope';
import { isSigningKey, Keyset } from '@gatehouse/protocol/keyset';
import { EnvelopeError, verifyEnvelope } from '@gatehouse/protocol/verify';

import type { PublicSigningKey } from '../signing/keys.ts';
import { findRootKey } from '../signing/keys.ts';
import { toEnvelope } from '../snapshot/envelopes.ts';

export const KEYSET_TYPE = 'application/vnd.gatehouse.keyset+json' satisfies PayloadType;

/** A keyset, and as what it is sent. */
export interface SignedKeyset {
  keyset: Keyset;
  envelope: SignedEnvelope;
}

/** The keyset when the tenant's root has signed it for this tenant; else null, whoever brought it. */
export function openKeyset(envelope: SignedEnvelope, tenantId: string, root: PublicSigningKey): SignedKeyset | null {
  try {
    const bytes = verifyEnvelope(envelope, new Map([[root.keyId, root.publicKey]]), KEYSET_TYPE);
    const keyset = Keyset.safeParse(JSON.parse(bytes.toString('utf8'))).data;
    return keyset?.tenantId === tenantId ? { keyset, envelope } : null;
  } catch (error) {
    if (error instanceof EnvelopeError || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The newest keyset of the tenant; null before the first. */
export async function readKeyset(tx: TenantTx, tenantId: string): Promise<SignedKeyset | null> {
  const row = await tx.keyset.findUnique({ where: { tenantId } });
  return row && openKeyset(toEnvelope(KEYSET_TYPE, row), tenantId, await findRootKey(tx, tenantId));
}

/** The same, and nobody else writes one before the end of the transaction. */
export async function lockKeyset(tx: TenantTx, tenantId: string): Promise<SignedKeyset | null> {
  await tx.$executeRaw`select 1 from keyset where tenant_id = ${tenantId}::uuid for update`;
  return readKeyset(tx, tenantId);
}

/** The ids of the keys that may sign by this keyset. */
export function listSigningKeyIds({ keyset }: SignedKeyset): string[] {
  return keyset.keys.filter((key) => isSigningKey(keyset, key)).map(({ keyId }) => keyId);
}

/** Every key that ever signed for the tenant, raw, by key id: those of this database, and after a restore those that only the keyset names. */
export async function listPublicKeys(tx: TenantTx, tenantId: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const own = await tx.signingKey.findMany({ where: { tenantId }, select: { id: true, publicKey: true } });
  const named = (await readKeyset(tx, tenantId))?.keyset.keys ?? [];
  return new Map<string, Uint8Array>([
    ...named.map(({ keyId, publicKey }) => [keyId, Buffer.from(publicKey, 'base64')] as const),
    ...own.map(({ id, publicKey }) => [id, publicKey] as const),
  ]);
}
