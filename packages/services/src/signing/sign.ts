import { createPublicKey, sign, verify } from 'node:crypto';

import type { TenantTx } from '@gatehouse/db/tenant';
import { encodePreAuth, type PayloadType, type SignedEnvelope } from '@gatehouse/protocol/envelope';

import type { ServiceContext } from '../context.ts';
import { openRootKey, openSigningKey, type OpenedKey } from './keys.ts';

/** Signs raw bytes with a tenant's key. */
export type Sign = (payloadType: PayloadType, bytes: Uint8Array) => SignedEnvelope;

/**
 * What signs with the tenant's key, for several documents of one transaction: the one place that uses a private key. Throws `unavailable` in a
 * process that was not given the key-encryption key.
 */
export async function openSigner(ctx: Pick<ServiceContext, 'runtime' | 'tenantId'>, tx: TenantTx): Promise<Sign> {
  return buildSign(await openSigningKey(tx, ctx.runtime.signer, ctx.tenantId));
}

/** What signs with the tenant's root: keysets, and nothing else. Throws as `openSigner`. */
export async function openRootSigner(ctx: Pick<ServiceContext, 'runtime' | 'tenantId'>, tx: TenantTx): Promise<Sign> {
  return buildSign(await openRootKey(tx, ctx.runtime.signer, ctx.tenantId));
}

/** Signs one document. Throws `unavailable` in a process that was not given the key-encryption key. */
export async function signDocument(
  ctx: Pick<ServiceContext, 'runtime' | 'tenantId'>,
  tx: TenantTx,
  payloadType: PayloadType,
  bytes: Uint8Array,
): Promise<SignedEnvelope> {
  return (await openSigner(ctx, tx))(payloadType, bytes);
}

/** The bytes of a document that this tenant's key, which signs now, has signed; null when it has not. */
export async function openSigned(
  ctx: Pick<ServiceContext, 'runtime' | 'tenantId'>,
  tx: TenantTx,
  { payloadType, payload, keyId, signature }: SignedEnvelope,
): Promise<Buffer | null> {
  const key = await openSigningKey(tx, ctx.runtime.signer, ctx.tenantId);
  const bytes = Buffer.from(payload, 'base64');
  const isOwn =
    keyId === key.keyId &&
    verify(null, encodePreAuth(payloadType, bytes), createPublicKey(key.privateKey), Buffer.from(signature, 'base64'));
  return isOwn ? bytes : null;
}

function buildSign({ keyId, privateKey }: OpenedKey): Sign {
  return (payloadType, bytes) => {
    const signature = sign(null, encodePreAuth(payloadType, bytes), privateKey);
    return { payloadType, payload: Buffer.from(bytes).toString('base64'), keyId, signature: signature.toString('base64') };
  };
}
