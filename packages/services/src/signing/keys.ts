import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';

import type { TenantTx } from '@gatehouse/db/tenant';

import { ServiceError } from '../errors.ts';
import type { KeySealer } from './seal.ts';

/** Bytes before the raw key in the SubjectPublicKeyInfo of an Ed25519 key (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** A public key as the wire has it: raw 32 bytes. */
export interface PublicSigningKey {
  keyId: string;
  publicKey: Buffer;
}

/** Makes a tenant's Ed25519 key; its private half is stored sealed and never returned. */
export async function createSigningKey(tx: TenantTx, sealer: KeySealer, tenantId: string): Promise<PublicSigningKey> {
  const pair = generateKeyPairSync('ed25519');
  const keyId = randomUUID();
  const publicKey = rawPublicKey(pair.publicKey);
  const privateKeySealed = sealer.seal(pair.privateKey.export({ type: 'pkcs8', format: 'der' }), sealContext(tenantId, keyId));
  await tx.signingKey.create({ data: { tenantId, id: keyId, publicKey: Buffer.from(publicKey), privateKeySealed } });
  return { keyId, publicKey };
}

/** The tenant's root: its oldest key that is not retired. The hash of it stands in every join token. */
export async function rootKey(tx: TenantTx, tenantId: string): Promise<PublicSigningKey> {
  const { id, publicKey } = await oldestActive(tx, tenantId);
  return { keyId: id, publicKey: Buffer.from(publicKey) };
}

/** The key that signs now, opened. Only for sign.ts. */
export async function openSigningKey(
  tx: TenantTx,
  sealer: KeySealer,
  tenantId: string,
): Promise<{ keyId: string; privateKey: KeyObject }> {
  const { id, privateKeySealed } = await oldestActive(tx, tenantId);
  const der = sealer.open(privateKeySealed, sealContext(tenantId, id));
  return { keyId: id, privateKey: createPrivateKey({ key: der, type: 'pkcs8', format: 'der' }) };
}

/** SHA-256 hex of a raw public key. */
export function publicKeyHash(publicKey: Uint8Array): string {
  return createHash('sha256').update(publicKey).digest('hex');
}

/** Key object of a raw 32-byte Ed25519 public key. Throws on any other length. */
export function publicKeyFromRaw(raw: Uint8Array): KeyObject {
  if (raw.length !== 32) throw new ServiceError('invalid', 'The public key must be 32 bytes.');
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), type: 'spki', format: 'der' });
}

function rawPublicKey(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' }).subarray(SPKI_PREFIX.length);
}

async function oldestActive(tx: TenantTx, tenantId: string) {
  const key = await tx.signingKey.findFirst({
    where: { tenantId, retiredAt: null },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });
  if (!key) throw new ServiceError('unavailable', 'This workspace has no signing key. Ask your operator to restore it.');
  return key;
}

/** Bound into the seal: a sealed key copied to another tenant's row does not open. */
function sealContext(tenantId: string, keyId: string): string {
  return `gatehouse-signing-key-v1:${tenantId}:${keyId}`;
}
