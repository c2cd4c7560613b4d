import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM under a 32-byte key; returns IV, tag, ciphertext. `context` names the place that the seal belongs to. It is authenticated and not
 * included: the same bytes are needed to open it, so a seal copied to another place does not open.
 */
export function seal(key: Uint8Array, plain: Uint8Array, context: Uint8Array): Buffer<ArrayBuffer> {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES }).setAAD(context);
  const body = [cipher.update(plain), cipher.final()];
  return Buffer.concat([iv, cipher.getAuthTag(), ...body]);
}

/** What was sealed; null when that was done under another key or context, or the bytes were changed. */
export function unseal(key: Uint8Array, sealed: Uint8Array, context: Uint8Array): Buffer<ArrayBuffer> | null {
  const bodyAt = IV_BYTES + TAG_BYTES;
  if (sealed.length < bodyAt) return null;
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(context).setAuthTag(sealed.subarray(IV_BYTES, bodyAt));
  const body = decipher.update(sealed.subarray(bodyAt));
  try {
    return Buffer.concat([body, decipher.final()]);
  } catch {
    // node:crypto says by throwing that the tag is not the right one
    return null;
  }
}
