import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** Bytes before the raw key in the SubjectPublicKeyInfo of an Ed25519 key (RFC 8410). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const RAW_BYTES = 32;

/** Public keys travel and are stored as raw 32 bytes, private ones as PKCS #8 DER. */
export interface Ed25519KeyPair {
  publicKey: Buffer<ArrayBuffer>;
  privateKey: Buffer<ArrayBuffer>;
}

/** A new key pair. */
export function generateEd25519(): Ed25519KeyPair {
  const pair = generateKeyPairSync('ed25519');
  return {
    publicKey: Buffer.from(pair.publicKey.export({ type: 'spki', format: 'der' }).subarray(SPKI_PREFIX.length)),
    privateKey: Buffer.from(pair.privateKey.export({ type: 'pkcs8', format: 'der' })),
  };
}

/** Key object of a raw public key. Throws RangeError on any other length. */
export function importPublicKey(raw: Uint8Array): KeyObject {
  if (raw.length !== RAW_BYTES) throw new RangeError(`An Ed25519 public key has ${RAW_BYTES} bytes, not ${raw.length}.`);
  return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), type: 'spki', format: 'der' });
}

/** Key object of a private key in PKCS #8 DER. Throws when it is none. */
export function importPrivateKey(der: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(der), type: 'pkcs8', format: 'der' });
}
