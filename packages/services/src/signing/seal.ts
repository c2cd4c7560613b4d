import { seal, unseal } from '@gatehouse/protocol/aes-gcm';

import { ServiceError } from '../errors.ts';

/** Seals and opens private signing keys. Processes without the key-encryption key (the hub) hold one that refuses both. */
export interface KeySealer {
  /** `context` names what is sealed; the same text is needed to open it. */
  seal(plain: Uint8Array, context: string): Buffer<ArrayBuffer>;
  /** Throws `unavailable` when the bytes were sealed under another key or for another context. */
  open(sealed: Uint8Array, context: string): Buffer<ArrayBuffer>;
}

const FORMAT = 1;
const KEK_BYTES = 32;

/** AES-256-GCM under `kek` (32 bytes): a format byte, then the seal. Without `kek` every use throws `unavailable`. */
export function createKeySealer(kek: Uint8Array | undefined): KeySealer {
  if (kek === undefined) return { seal: refuseWithoutKey, open: refuseWithoutKey };
  if (kek.length !== KEK_BYTES) throw new Error(`The signing key-encryption key must be ${KEK_BYTES} bytes, got ${kek.length}`);
  const key = Buffer.from(kek);
  return {
    seal(plain, context) {
      return Buffer.concat([Buffer.of(FORMAT), seal(key, plain, Buffer.from(context))]);
    },
    open(sealed, context) {
      const plain = sealed[0] === FORMAT ? unseal(key, sealed.subarray(1), Buffer.from(context)) : null;
      if (plain) return plain;
      const message = 'The signing key cannot be opened. Check that every process has the same GATEHOUSE_SIGNING_KEK.';
      throw new ServiceError('unavailable', message);
    },
  };
}

function refuseWithoutKey(): never {
  throw new ServiceError('unavailable', 'This process cannot sign: it is not given GATEHOUSE_SIGNING_KEK.');
}
