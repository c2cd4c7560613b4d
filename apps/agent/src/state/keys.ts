import { sign } from 'node:crypto';

import { generateEd25519, importPrivateKey } from '@gatehouse/protocol/ed25519';

/** As identity.json has it: the raw public key and the PKCS #8 private key, in base64. */
export interface AgentKey {
  publicKey: string;
  privateKey: string;
}

export function makeAgentKey(): AgentKey {
  const { publicKey, privateKey } = generateEd25519();
  return { publicKey: publicKey.toString('base64'), privateKey: privateKey.toString('base64') };
}

/** Ed25519 signature, base64 (88 characters). */
export function signWith(privateKey: AgentKey['privateKey'], bytes: Uint8Array): string {
  return sign(null, bytes, importPrivateKey(Buffer.from(privateKey, 'base64'))).toString('base64');
}
