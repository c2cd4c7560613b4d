import { verify } from 'node:crypto';

import { importPublicKey } from './ed25519.ts';
import { encodePreAuth, type PayloadType, type SignedEnvelope } from './envelope.ts';

export type EnvelopeErrorCode = 'unknown_key' | 'bad_signature';

/** The envelope proves nothing; its payload must not be read. */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError';
  readonly code: EnvelopeErrorCode;

  constructor(code: EnvelopeErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * The signed bytes of an envelope of the expected type. `keys`: raw 32-byte Ed25519 public keys by key id, only those that are trusted for
 * this tenant. Throws EnvelopeError.
 */
export function verifyEnvelope(
  envelope: SignedEnvelope,
  keys: ReadonlyMap<string, Uint8Array>,
  payloadType: PayloadType,
): Buffer {
  const raw = keys.get(envelope.keyId);
  if (!raw) throw new EnvelopeError('unknown_key', `Signed with key ${envelope.keyId}, which is not trusted here.`);
  if (envelope.payloadType !== payloadType) {
    throw new EnvelopeError('bad_signature', `Signed as ${envelope.payloadType}, not as ${payloadType}.`);
  }
  const payload = Buffer.from(envelope.payload, 'base64');
  const signature = Buffer.from(envelope.signature, 'base64');
  if (!verify(null, encodePreAuth(payloadType, payload), importPublicKey(raw), signature)) {
    throw new EnvelopeError('bad_signature', 'The signature does not match the content.');
  }
  return payload;
}
