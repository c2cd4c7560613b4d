import { randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import type { SignedEnvelope } from '../src/envelope.ts';
import { TestKey } from '../src/testing/test-key.ts';
import { EnvelopeError, verifyEnvelope } from '../src/verify.ts';

const SNAPSHOT = 'application/vnd.gatehouse.snapshot+json';
const DISCOVERY = 'application/vnd.gatehouse.discovery+json';

const root = new TestKey();
const keys = new Map([[root.keyId, root.publicKey]]);
const document = JSON.stringify({ version: 3, note: 'Zürich' });
const envelope = root.sign(SNAPSHOT, document);

function readRefusal(changed: Partial<SignedEnvelope>, trusted: ReadonlyMap<string, Uint8Array> = keys): string {
  try {
    verifyEnvelope({ ...envelope, ...changed }, trusted, SNAPSHOT);
    return 'accepted';
  } catch (error) {
    return error instanceof EnvelopeError ? error.code : `threw ${String(error)}`;
  }
}

test('the exact signed bytes come back', () => {
  expect(verifyEnvelope(envelope, keys, SNAPSHOT).toString('utf8')).toBe(document);
});

test.each(['payload', 'signature'] as const)('T-10: a flipped bit at any offset of the %s is refused', (part) => {
  const bytes = Buffer.from(envelope[part], 'base64');
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    expect(readRefusal({ [part]: flipped.toString('base64') })).toBe('bad_signature');
  }
});

test('T-10: more or fewer bytes are refused', () => {
  const bytes = Buffer.from(document);
  for (const changed of [bytes.subarray(1), bytes.subarray(0, -1), Buffer.concat([bytes, Buffer.from(' ')]), Buffer.alloc(0)]) {
    expect(readRefusal({ payload: changed.toString('base64') })).toBe('bad_signature');
  }
});

test('T-10: a key that is not trusted is refused, also under the id of one that is', () => {
  const other = new TestKey();
  expect(readRefusal({ keyId: randomUUID() })).toBe('unknown_key');
  expect(readRefusal(other.sign(SNAPSHOT, document))).toBe('unknown_key');
  expect(readRefusal({ ...other.sign(SNAPSHOT, document), keyId: root.keyId })).toBe('bad_signature');
  expect(readRefusal({}, new Map())).toBe('unknown_key');
});

test('T-10: one kind of document never passes as another', () => {
  expect(readRefusal(root.sign(DISCOVERY, document))).toBe('bad_signature');
  expect(readRefusal({ ...root.sign(DISCOVERY, document), payloadType: SNAPSHOT })).toBe('bad_signature');
  expect(readRefusal({ payloadType: DISCOVERY })).toBe('bad_signature');
});
