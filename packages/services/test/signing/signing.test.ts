import { randomBytes } from 'node:crypto';

import { expect, test } from 'vitest';

import { ServiceError } from '../../src/errors.ts';
import { createKeySealer } from '../../src/signing/seal.ts';

const key = randomBytes(32);
const plain = Buffer.from('private key bytes');

test('what is sealed opens under the same key and context', () => {
  const sealed = createKeySealer(key).seal(plain, 'tenant-1');
  expect(createKeySealer(key).open(sealed, 'tenant-1').equals(plain)).toBe(true);
  expect(sealed.includes(plain)).toBe(false);
});

test('what earlier versions stored still opens', () => {
  const stored = Buffer.from('AbBZ4bZ4u7f1+78PRWbVkSIAiu14FK4dzAIzqMX8wSLM2w21AUg4yx4Fq2125Q==', 'base64');
  expect(createKeySealer(Buffer.alloc(32, 7)).open(stored, 'tenant-1').equals(plain)).toBe(true);
});

test('T-10, T-27: another key, another context or any flipped byte does not open', () => {
  const sealer = createKeySealer(key);
  const sealed = sealer.seal(plain, 'tenant-1');
  expect(() => createKeySealer(randomBytes(32)).open(sealed, 'tenant-1')).toThrow(ServiceError);
  expect(() => sealer.open(sealed, 'tenant-2')).toThrow(ServiceError);
  for (const offset of sealed.keys()) {
    const altered = Buffer.from(sealed);
    altered.writeUInt8((altered[offset] ?? 0) ^ 1, offset);
    expect(() => sealer.open(altered, 'tenant-1')).toThrow(ServiceError);
  }
});

test('two seals of the same bytes differ', () => {
  const sealer = createKeySealer(key);
  expect(sealer.seal(plain, 'x').equals(sealer.seal(plain, 'x'))).toBe(false);
});

test('a process without the key-encryption key can neither seal nor open', () => {
  const sealed = createKeySealer(key).seal(plain, 'x');
  const hub = createKeySealer(undefined);
  expect(() => hub.open(sealed, 'x')).toThrow(/GATEHOUSE_SIGNING_KEK/);
  expect(() => hub.seal(plain, 'x')).toThrow(/GATEHOUSE_SIGNING_KEK/);
});

test('a key-encryption key of another length is refused at start', () => {
  expect(() => createKeySealer(randomBytes(16))).toThrow(/32 bytes/);
});
