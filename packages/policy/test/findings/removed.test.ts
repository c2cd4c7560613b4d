import fc from 'fast-check';
import { expect, test } from 'vitest';

import { mayHoldHiddenText, removeHiddenText } from '../../src/findings/hidden-in-results.ts';

const MARK = /\[hidden text removed: \d+ characters?\]/;

const piece = fc.oneof(
  fc.constantFrom(
    '\u200B',
    '\u200D',
    '\u2060',
    '\uFEFF',
    '\u00AD',
    '\u2066',
    '\u2067',
    '\u2069',
    '\u202E',
    '\u202C',
    '\u200E',
    '\u200F',
    '\u001B',
    '\u001B[1m',
    '\u001B[8m',
    '\u001B[38;5;8m',
    '\u001B]0;title',
    '\u0007',
    '\u009B',
    '\u009D',
    '\u001B\\',
    '[',
    ']',
    'm',
    '8',
    '\u{E0041}',
    '\u{E007F}',
    '\u{1F3F4}',
    '\uFE0F',
    '\u{E0101}',
    '\u{1F600}',
    '\u{1F468}',
    '\u2764',
    '葛',
    'न',
    'ا',
    'ส',
    '1\u20E3',
    '\r',
    '\n',
    '\t',
    '\b',
    '\0',
    '\uD83D',
    '\uDE00',
    '\u2800',
    '\u2028',
    'a',
    ' ',
    '\u180B',
    '\u0301',
  ),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

function isPartOf(part: string, whole: string): boolean {
  let at = 0;
  for (const letter of part) {
    at = whole.indexOf(letter, at);
    if (at < 0) return false;
    at += letter.length;
  }
  return true;
}

test('an answer comes back as it was, or without what is hidden, each place of which is told', () => {
  fc.assert(
    fc.property(text, (original) => {
      const [passed, stripped, marked] = (['pass', 'strip', 'mark'] as const).map((handling) =>
        removeHiddenText(original, handling),
      );
      expect(passed?.text).toBe(original);
      expect(stripped?.rules).toEqual(passed?.rules);
      expect(marked?.rules).toEqual(passed?.rules);
      const places = passed?.rules.length ?? 0;
      if (places === 0) expect([stripped?.text, marked?.text]).toEqual([original, original]);
      expect(isPartOf(stripped?.text ?? '', original)).toBe(true);
      const parts = (marked?.text ?? '').split(new RegExp(MARK, 'g'));
      expect([parts.length - 1, parts.join('')]).toEqual([places, stripped?.text]);
      // the quick look that spares the slow one misses nothing
      if (places > 0) expect(mayHoldHiddenText(JSON.stringify(original))).toBe(true);
    }),
  );
});
