import { createHash, createSign, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';

const hashBytes = (bytes: string | Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const toBase64Url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

/** What a device says of the person, and of itself, beside what it signs. */
export interface DeviceOptions {
  /** where the browser is */
  origin?: string;
  rpId?: string;
  /** a PIN was typed, a finger was seen */
  verified?: boolean;
}

const PRESENT = 0x01;
const VERIFIED = 0x04;
const ATTESTED = 0x40;

/** A device with one passkey (ES256), which counts how often it has signed. */
export class PasskeyDevice {
  counter = 0;
  readonly id = randomBytes(32);
  readonly #key: KeyObject;
  readonly #publicKey: Buffer;

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#key = privateKey;
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    // COSE, in CBOR by hand: {1: 2, 3: -7, -1: 1, -2: x, -3: y}
    this.#publicKey = Buffer.concat([
      Buffer.from('a5010203262001215820', 'hex'),
      Buffer.from(x, 'base64url'),
      Buffer.from('225820', 'hex'),
      Buffer.from(y, 'base64url'),
    ]);
  }

  make(challenge: string, options: DeviceOptions = {}) {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.id.length);
    const attested = Buffer.concat([Buffer.alloc(16), length, this.id, this.#publicKey]);
    const authData = Buffer.concat([this.#describe(options, ATTESTED), attested]);
    const head = Buffer.alloc(3);
    head.writeUInt8(0x59);
    head.writeUInt16BE(authData.length, 1);
    // {fmt: "none", attStmt: {}, authData: bytes}
    const attestation = Buffer.concat([
      Buffer.from('a363666d74646e6f6e656761747453746d74a0686175746844617461', 'hex'),
      head,
      authData,
    ]);
    const clientData = this.#say('webauthn.create', challenge, options);
    return {
      ...this.#name(),
      response: {
        clientDataJSON: toBase64Url(clientData),
        attestationObject: toBase64Url(attestation),
        transports: ['internal', 'new'],
      },
    };
  }

  sign(challenge: string, options: DeviceOptions = {}) {
    this.counter += 1;
    const authData = this.#describe(options);
    const clientData = this.#say('webauthn.get', challenge, options);
    const signature = createSign('sha256')
      .update(Buffer.concat([authData, hashBytes(clientData)]))
      .sign(this.#key);
    return {
      ...this.#name(),
      response: {
        clientDataJSON: toBase64Url(clientData),
        authenticatorData: toBase64Url(authData),
        signature: toBase64Url(signature),
      },
    };
  }

  #name() {
    const id = toBase64Url(this.id);
    return { id, rawId: id, type: 'public-key' as const };
  }

  #describe({ rpId = 'console.example', verified = true }: DeviceOptions, flags = 0): Buffer {
    const tail = Buffer.alloc(5);
    tail.writeUInt8(PRESENT | (verified ? VERIFIED : 0) | flags);
    tail.writeUInt32BE(this.counter, 1);
    return Buffer.concat([hashBytes(rpId), tail]);
  }

  #say(type: string, challenge: string, { origin = 'https://console.example' }: DeviceOptions): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  }
}
