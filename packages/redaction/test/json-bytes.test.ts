import { createHmac, createSecretKey } from 'node:crypto';

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { fingerprint } from '../src/fingerprint.ts';
import { countJsonBytes, isPlainText } from '../src/shape.ts';

/** Short, and long with every kind of character that JSON writes in another way, or in several bytes. */
const text = fc
  .tuple(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('', 'plain ', '"', '\\', '\n', '\u0000', '\u007f', 'ä', '漢', '😀', '\ud800'),
    fc.nat(6_000),
  )
  .map(([own, part, times]) => own + part.repeat(times));
const json = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, text, fc.double(), fc.boolean(), fc.constant(null), tie('list'), tie('object')),
  list: fc.array(tie('value'), { maxLength: 5 }),
  object: fc.dictionary(fc.string(), tie('value'), { maxKeys: 5 }),
})).value;

test('the bytes of a value are those of what JSON.stringify writes', () => {
  fc.assert(
    fc.property(json, (value) => {
      expect(countJsonBytes(value)).toBe(Buffer.byteLength(JSON.stringify(value)));
    }),
  );
  expect(countJsonBytes(undefined)).toBe(0);
  const exact = [JSON.rawJSON?.('725653563933458437'), 'x'.repeat(5_000)];
  expect(countJsonBytes(exact)).toBe(Buffer.byteLength(JSON.stringify(exact)));
});

test('a text is plain only where JSON writes it as it is', () => {
  fc.assert(
    fc.property(text, (value) => {
      if (isPlainText(value)) expect(JSON.stringify(value)).toBe(`"${value}"`);
    }),
  );
});

test('a fingerprint is of the same bytes, however long the value is', () => {
  const key = createSecretKey(Buffer.alloc(32, 7));
  fc.assert(
    fc.property(fc.string(), json, (path, value) => {
      const bytes = `${path.length}:${path}:${JSON.stringify(value)}`;
      expect(fingerprint(key, path, value)).toBe(createHmac('sha256', key).update(bytes).digest('hex').slice(0, 32));
    }),
  );
});
