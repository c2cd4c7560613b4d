import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

import { ServiceError } from '../errors.ts';

/** Seals and opens private signing keys. Processes without the key-encryption key (the hub) hold one that refuses both. */
export interface KeySealer {
  /** `context` names what is sealed; the same text is needed to open it. */
  seal(plain: Uint8Array, context: string): Buffer<ArrayBuffer>;
  /** Throws `unavailable` when the bytes were sealed under another key or for another context. */
  open(sealed: Uint8Array, context: string): Buffer<ArrayBuffer>;
}

const FORMAT = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEK_BYTES = 32;

/** AES-256-GCM under `kek` (32 bytes): format byte, IV, tag, ciphertext. Without `kek` every use throws `unavailable`. */
export function createKeySealer(kek: Uint8Array | undefined): KeySealer {
  if (kek === undefined) return { seal: refuse, open: refuse };
  if (kek.length !== KEK_BYTES) throw new Error(`The signing key-encryption key must be ${KEK_BYTES} bytes, got ${kek.length}`);
  const key = Buffer.from(kek);
  return {
    seal(plain, context) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(context));
      const body = Buffer.concat([cipher.update(plain), cipher.final()]);
      return Buffer.concat([Buffer.from([FORMAT]), iv, cipher.getAuthTag(), body]);
    },
    open(sealed, context) {
      const bytes = Buffer.from(sealed);
      try {
        if (bytes[0] !== FORMAT) throw new Error('unknown format');
        const iv = bytes.subarray(1, 1 + IV_BYTES);
        const tag = bytes.subarray(1 + IV_BYTES, 1 + IV_BYTES + TAG_BYTES);
        const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES });
        decipher.setAAD(Buffer.from(context)).setAuthTag(tag);
        return Buffer.concat([decipher.update(bytes.subarray(1 + IV_BYTES + TAG_BYTES)), decipher.final()]);
      } catch (error) {
        const message = 'The signing key cannot be opened. Check that every process has the same GATEHOUSE_SIGNING_KEK.';
        throw new ServiceError('unavailable', message, undefined, { cause: error });
      }
    },
  };
}

function refuse(): never {
  throw new ServiceError('unavailable', 'This process cannot sign: it is not given GATEHOUSE_SIGNING_KEK.');
}
