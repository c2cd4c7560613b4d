import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';

import { expect, test } from 'vitest';

import { seal, unseal } from '../src/aes-gcm.ts';
import { generateEd25519, importPrivateKey, importPublicKey } from '../src/ed25519.ts';

const key = randomBytes(32);
const plain = Buffer.from('what nobody may read');
const context = Buffer.from('place');

test('what is sealed opens under the same key and context, and two seals differ', () => {
  const sealed = seal(key, plain, context);
  expect(unseal(key, sealed, context)).toEqual(plain);
  expect(sealed.includes(plain)).toBe(false);
  expect(seal(key, plain, context).equals(sealed)).toBe(false);
  expect(unseal(key, seal(key, Buffer.alloc(0), context), context)).toEqual(Buffer.alloc(0));
});

test('another key, another context, any changed byte and any shorter text do not open', () => {
  const sealed = seal(key, plain, context);
  expect(unseal(randomBytes(32), sealed, context)).toBeNull();
  expect(unseal(key, sealed, Buffer.from('elsewhere'))).toBeNull();
  for (const offset of sealed.keys()) {
    const altered = Buffer.from(sealed);
    altered.writeUInt8(altered.readUInt8(offset) ^ 1, offset);
    expect(unseal(key, altered, context)).toBeNull();
    expect(unseal(key, sealed.subarray(0, offset), context)).toBeNull();
  }
});

test('the raw public key verifies what the private key signed, as node:crypto has both', () => {
  const { publicKey, privateKey } = generateEd25519();
  const signature = sign(null, plain, importPrivateKey(privateKey));
  expect(verify(null, plain, importPublicKey(publicKey), signature)).toBe(true);
  expect(createPublicKey(createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' })).export({ format: 'jwk' }).x).toBe(
    publicKey.toString('base64url'),
  );
  const pair = generateKeyPairSync('ed25519');
  const raw = Buffer.from(pair.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  expect(verify(null, plain, importPublicKey(raw), sign(null, plain, pair.privateKey))).toBe(true);
});

test('a public key of another length is refused', () => {
  expect(() => importPublicKey(randomBytes(31))).toThrow(RangeError);
  expect(() => importPublicKey(randomBytes(33))).toThrow(RangeError);
});
