import fc from 'fast-check';
import { expect, test } from 'vitest';

import { mayHoldHiddenText, removeHiddenText } from '../../src/findings/hidden-in-results.ts';

const listHalves = (letter: string) =>
  Array.from({ length: letter.length }, (_, at) => `\\u${letter.charCodeAt(at).toString(16).padStart(4, '0')}`);

const piece = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom('\u001B[8m', '\u007F', '\b', '\f', '\r', '\r\n', '\\', '\\b', '\u0085'),
);
const json = fc
  .dictionary(
    piece,
    fc.array(piece).map((pieces) => pieces.join('')),
    { maxKeys: 3 },
  )
  .map((value) => JSON.stringify(value).replaceAll(/\P{ASCII}/gu, (letter) => listHalves(letter).join('')));

test('of ASCII that is known in bytes nothing is spared the slow look that another text is not spared', () => {
  fc.assert(
    fc.property(json, (text) => {
      expect(mayHoldHiddenText(text, Buffer.from(text))).toBe(mayHoldHiddenText(text));
    }),
    { numRuns: 2_000 },
  );
});

test('where it is spared, nothing is hidden', () => {
  fc.assert(
    fc.property(
      fc.array(piece).map((pieces) => pieces.join('').replaceAll(/\P{ASCII}/gu, '')),
      (text) => {
        const written = JSON.stringify(text);
        if (!mayHoldHiddenText(written, Buffer.from(written))) expect(removeHiddenText(text, 'strip').text).toBe(text);
      },
    ),
    { numRuns: 2_000 },
  );
});
