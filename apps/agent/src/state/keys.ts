import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';

/** DER header of an Ed25519 SubjectPublicKeyInfo; the raw 32 bytes follow it. */
const SPKI_HEADER = Buffer.from('302a300506032b6570032100', 'hex');

export interface AgentKey {
  /** raw 32 bytes, base64 */
  publicKey: string;
  /** PKCS #8 DER, base64 */
  privateKey: string;
}

export function makeAgentKey(): AgentKey {
  const pair = generateKeyPairSync('ed25519');
  const spki = pair.publicKey.export({ format: 'der', type: 'spki' });
  return {
    publicKey: spki.subarray(SPKI_HEADER.length).toString('base64'),
    privateKey: pair.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
  };
}

/** Ed25519 signature, base64 (88 characters). */
export function signWith(privateKey: string, bytes: Uint8Array): string {
  const key = createPrivateKey({ key: Buffer.from(privateKey, 'base64'), format: 'der', type: 'pkcs8' });
  return sign(null, bytes, key).toString('base64');
}
