import { sign } from 'node:crypto';

import type { TenantTx } from '@gatehouse/db/tenant';
import { encodePreAuth, type PayloadType, type SignedEnvelope } from '@gatehouse/protocol/envelope';

import type { ServiceContext } from '../context.ts';
import { openSigningKey } from './keys.ts';

/**
 * Signs raw bytes with the tenant's key: the one place that uses a private key. Throws `unavailable` in a process that was not given the
 * key-encryption key.
 */
export async function signDocument(
  ctx: Pick<ServiceContext, 'runtime' | 'tenantId'>,
  tx: TenantTx,
  payloadType: PayloadType,
  bytes: Uint8Array,
): Promise<SignedEnvelope> {
  const { keyId, privateKey } = await openSigningKey(tx, ctx.runtime.signer, ctx.tenantId);
  const signature = sign(null, encodePreAuth(payloadType, bytes), privateKey);
  return { payloadType, payload: Buffer.from(bytes).toString('base64'), keyId, signature: signature.toString('base64') };
}
