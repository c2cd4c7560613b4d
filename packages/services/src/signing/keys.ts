import { createHash, randomUUID, type KeyObject } from 'node:crypto';

import type { SigningKey } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { generateEd25519, importPrivateKey } from '@gatehouse/protocol/ed25519';

import { ServiceError } from '../errors.ts';
import type { KeySealer } from './seal.ts';

/** A public key as the wire has it: raw 32 bytes. */
export interface PublicSigningKey {
  keyId: string;
  publicKey: Buffer;
}

/** A key that can sign. */
export interface OpenedKey {
  keyId: string;
  privateKey: KeyObject;
}

/** What the act is called that makes a signing key which is not the root. */
export const ROTATION = 'signing_key.rotate';

/** Makes a tenant's root, which signs everything until the first rotation. */
export function createRootKey(tx: TenantTx, sealer: KeySealer, tenantId: string): Promise<PublicSigningKey> {
  return storeNewKey(tx, sealer, { tenantId, id: randomUUID(), isRoot: true });
}

/** Makes the key that signs from now on. The act names its id; the one before is retired already. */
export function createSigningKey(
  tx: TenantTx,
  sealer: KeySealer,
  key: { tenantId: string; id: string; auditId: string; createdAt: Date },
): Promise<PublicSigningKey> {
  return storeNewKey(tx, sealer, { ...key, isRoot: false });
}

/** The tenant's root, which agents pin: the hash of it stands in every join token. */
export async function findRootKey(tx: TenantTx, tenantId: string): Promise<PublicSigningKey & { createdAt: Date }> {
  const select = { id: true, publicKey: true, createdAt: true };
  const root = await tx.signingKey.findFirst({ where: { tenantId, isRoot: true }, select });
  if (!root) throw createMissingKeyError();
  return { keyId: root.id, publicKey: Buffer.from(root.publicKey), createdAt: root.createdAt };
}

/** The id of the key that signs now. */
export async function findSigningKeyId(tx: TenantTx, tenantId: string): Promise<string> {
  const key = await tx.signingKey.findFirst({ where: { tenantId, retiredAt: null }, select: { id: true } });
  if (!key) throw createMissingKeyError();
  return key.id;
}

/**
 * The key that signs now, opened. Only for sign.ts. It is the root, or a key that the act of a person made: a row that a process has put there
 * by itself signs nothing.
 */
export async function openSigningKey(tx: TenantTx, sealer: KeySealer, tenantId: string): Promise<OpenedKey> {
  const key = await tx.signingKey.findFirst({ where: { tenantId, retiredAt: null }, include: { audit: true } });
  const { audit } = key ?? {};
  const isMadeByAct = audit?.actorKind === 'person' && audit.action === ROTATION && audit.entityId === key?.id;
  if (!key || !(key.isRoot || isMadeByAct)) throw createMissingKeyError();
  return openKey(sealer, key);
}

/** The root, opened. Only for sign.ts. */
export async function openRootKey(tx: TenantTx, sealer: KeySealer, tenantId: string): Promise<OpenedKey> {
  const root = await tx.signingKey.findFirst({ where: { tenantId, isRoot: true } });
  if (!root) throw createMissingKeyError();
  return openKey(sealer, root);
}

/** True when every key of the tenant that is stored can be opened. What is opened is dropped. */
export async function canOpenKeys(tx: TenantTx, sealer: KeySealer, tenantId: string): Promise<boolean> {
  const keys = await tx.signingKey.findMany({ where: { tenantId } });
  try {
    for (const key of keys) openKey(sealer, key);
    return true;
  } catch (error) {
    if (error instanceof ServiceError) return false;
    throw error;
  }
}

/** SHA-256 hex of a raw public key. */
export function hashPublicKey(publicKey: Uint8Array): string {
  return createHash('sha256').update(publicKey).digest('hex');
}

/** The private half is stored sealed and never returned. */
async function storeNewKey(
  tx: TenantTx,
  sealer: KeySealer,
  row: { tenantId: string; id: string; isRoot: boolean; auditId?: string; createdAt?: Date },
): Promise<PublicSigningKey> {
  const { publicKey, privateKey } = generateEd25519();
  const privateKeySealed = sealer.seal(privateKey, buildSealContext(row.tenantId, row.id));
  await tx.signingKey.createMany({ data: [{ ...row, publicKey, privateKeySealed }] });
  return { keyId: row.id, publicKey };
}

function openKey(
  sealer: KeySealer,
  { tenantId, id, privateKeySealed }: Pick<SigningKey, 'tenantId' | 'id' | 'privateKeySealed'>,
): OpenedKey {
  const der = sealer.open(privateKeySealed, buildSealContext(tenantId, id));
  return { keyId: id, privateKey: importPrivateKey(der) };
}

function createMissingKeyError(): ServiceError {
  return new ServiceError('unavailable', 'This workspace has no signing key. Ask your operator to restore it.');
}

/** Bound into the seal: a sealed key copied to another tenant's row does not open. */
function buildSealContext(tenantId: string, keyId: string): string {
  return `gatehouse-signing-key-v1:${tenantId}:${keyId}`;
}
