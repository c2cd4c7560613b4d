import { createHash, randomUUID, sign, type KeyObject } from 'node:crypto';

import { generateEd25519, importPrivateKey } from '../ed25519.ts';
import { encodePreAuth, type PayloadType, type SignedEnvelope } from '../envelope.ts';

/** An Ed25519 key pair for tests: a tenant's signing key, or an agent's own. */
export class TestKey {
  readonly keyId = randomUUID();
  /** raw 32 bytes */
  readonly publicKey: Buffer;
  readonly #privateKey: KeyObject;

  constructor() {
    const { publicKey, privateKey } = generateEd25519();
    this.publicKey = publicKey;
    this.#privateKey = importPrivateKey(privateKey);
  }

  /** SHA-256 hex of the raw public key: of a root, what a join token carries. */
  get hash(): string {
    return createHash('sha256').update(this.publicKey).digest('hex');
  }

  /** base64 Ed25519 signature over `bytes`. */
  signBytes(bytes: Uint8Array): string {
    return sign(null, bytes, this.#privateKey).toString('base64');
  }

  /** Signs a document; a string or bytes are taken as they are. */
  sign(payloadType: PayloadType, document: unknown): SignedEnvelope {
    const payload =
      document instanceof Uint8Array ? document : Buffer.from(typeof document === 'string' ? document : JSON.stringify(document));
    return {
      payloadType,
      payload: Buffer.from(payload).toString('base64'),
      keyId: this.keyId,
      signature: this.signBytes(encodePreAuth(payloadType, payload)),
    };
  }
}
