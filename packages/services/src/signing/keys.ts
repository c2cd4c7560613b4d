import { createHash, randomUUID, type KeyObject } from 'node:crypto';

import type { TenantTx } from '@gatehouse/db/tenant';
import { generateEd25519, importPrivateKey } from '@gatehouse/protocol/ed25519';

import { ServiceError } from '../errors.ts';
import type { KeySealer } from './seal.ts';

/** A public key as the wire has it: raw 32 bytes. */
export interface PublicSigningKey {
  keyId: string;
  publicKey: Buffer;
}

/** Makes a tenant's Ed25519 key; its private half is stored sealed and never returned. */
export async function createSigningKey(tx: TenantTx, sealer: KeySealer, tenantId: string): Promise<PublicSigningKey> {
  const { publicKey, privateKey } = generateEd25519();
  const keyId = randomUUID();
  const privateKeySealed = sealer.seal(privateKey, buildSealContext(tenantId, keyId));
  await tx.signingKey.create({ data: { tenantId, id: keyId, publicKey, privateKeySealed } });
  return { keyId, publicKey };
}

/** The tenant's root: its oldest key that is not retired. The hash of it stands in every join token. */
export async function findRootKey(tx: TenantTx, tenantId: string): Promise<PublicSigningKey> {
  const { id, publicKey } = await findOldestActive(tx, tenantId, { publicKey: true });
  return { keyId: id, publicKey: Buffer.from(publicKey) };
}

/** Every key that ever signed for the tenant, raw, by key id: what is signed does not lapse with its key. */
export async function listPublicKeys(tx: TenantTx, tenantId: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const keys = await tx.signingKey.findMany({ where: { tenantId }, select: { id: true, publicKey: true } });
  return new Map(keys.map(({ id, publicKey }) => [id, publicKey]));
}

/** The key that signs now, opened. Only for sign.ts. */
export async function openSigningKey(
  tx: TenantTx,
  sealer: KeySealer,
  tenantId: string,
): Promise<{ keyId: string; privateKey: KeyObject }> {
  const { id, privateKeySealed } = await findOldestActive(tx, tenantId, { privateKeySealed: true });
  const der = sealer.open(privateKeySealed, buildSealContext(tenantId, id));
  return { keyId: id, privateKey: importPrivateKey(der) };
}

/** SHA-256 hex of a raw public key. */
export function hashPublicKey(publicKey: Uint8Array): string {
  return createHash('sha256').update(publicKey).digest('hex');
}

/** Only the named half is read: the hub may not read the private one, sealed as it is. */
async function findOldestActive<Half extends { publicKey: true } | { privateKeySealed: true }>(
  tx: TenantTx,
  tenantId: string,
  half: Half,
) {
  const key = await tx.signingKey.findFirst({
    where: { tenantId, retiredAt: null },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    select: { id: true, ...half },
  });
  if (!key) throw new ServiceError('unavailable', 'This workspace has no signing key. Ask your operator to restore it.');
  return key;
}

/** Bound into the seal: a sealed key copied to another tenant's row does not open. */
function buildSealContext(tenantId: string, keyId: string): string {
  return `gatehouse-signing-key-v1:${tenantId}:${keyId}`;
}
