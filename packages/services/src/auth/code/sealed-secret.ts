import type { Runtime } from '../../runtime.ts';

/** The secret of a person's authenticator app as it is stored: one that is copied to another account does not open. */
export function sealSecret({ signer }: Pick<Runtime, 'signer'>, userId: string, secret: Uint8Array): Buffer<ArrayBuffer> {
  return signer.seal(secret, buildSealContext(userId));
}

/** Throws `unavailable` when it was sealed under another key-encryption key. */
export function openSecret({ signer }: Pick<Runtime, 'signer'>, userId: string, sealed: Uint8Array): Buffer {
  return signer.open(sealed, buildSealContext(userId));
}

const buildSealContext = (userId: string): string => `gatehouse-authenticator-v1:${userId}`;
