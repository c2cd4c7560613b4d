import fc from 'fast-check';
import { expect, test } from 'vitest';

import { MarksLeft, mayHoldHiddenText, removeHiddenText } from '../../src/findings/hidden-in-results.ts';
import { removeUnseen } from '../../src/findings/remove-unseen.ts';

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
  fc.string({ unit: 'grapheme', maxLength: 6 }).map((drawn) => drawn.replaceAll('\uFFFD', '')),
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

/** By units, as halves of characters may stand apart; what is put between two of them is none of it. */
function isPartOf(part: string, whole: string): boolean {
  let at = -1;
  return Array.from({ length: part.length }, (_, index) => part.charAt(index))
    .filter((unit) => unit !== '\uFFFD')
    .every((unit) => (at = whole.indexOf(unit, at + 1)) >= 0);
}

const MARK = /\[hidden text removed: \d+ characters?(?: here and after)?\]/g;
/** Four marks in words, and what rounds up a count. */
const MOST_ADDED = 4 * 64;
const countBytes = (value: string) => Buffer.byteLength(JSON.stringify(value));

test('an answer comes back as it was, or without what is hidden, each place of which is told', () => {
  fc.assert(
    fc.property(text, (original) => {
      const [passed, stripped, marked] = (['pass', 'strip', 'mark'] as const).map((handling) =>
        removeHiddenText(original, handling),
      );
      expect(passed?.text).toBe(original);
      for (const each of [stripped, marked]) expect([each?.rules, each?.places]).toEqual([passed?.rules, passed?.places]);
      const places = passed?.places ?? 0;
      if (places === 0) expect([stripped?.text, marked?.text]).toEqual([original, original]);
      expect(isPartOf(stripped?.text ?? '', original)).toBe(true);
      expect(Array.from((marked?.text ?? '').matchAll(MARK))).toHaveLength(Math.min(places, 4));
      // the quick look that spares the slow one misses nothing
      if (places > 0) expect(mayHoldHiddenText(JSON.stringify(original))).toBe(true);
    }),
  );
});

const denser = fc.array(piece, { maxLength: 400 }).map((pieces) => pieces.join(''));
const repeated = fc.tuple(fc.array(piece, { maxLength: 4 }), fc.nat(300)).map(([pieces, times]) => pieces.join('').repeat(times));

test('a text of an answer grows by no more than a fixed number of bytes, whatever is hidden in it', () => {
  fc.assert(
    fc.property(fc.oneof(text, denser, repeated), fc.constantFrom('mark' as const, 'strip' as const), (original, handling) => {
      const { text: clean } = removeHiddenText(original, handling);
      expect(countBytes(clean)).toBeLessThanOrEqual(countBytes(original) + (handling === 'mark' ? MOST_ADDED : 0));
    }),
    { numRuns: 500 },
  );
});

test('the texts of one answer together do so too', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(text, repeated), { maxLength: 60 }), (texts) => {
      const marks = new MarksLeft();
      const clean = texts.map((each) => removeHiddenText(each, 'mark', marks).text);
      const count = (list: string[]) => list.reduce((sum, each) => sum + countBytes(each), 0);
      expect(count(clean)).toBeLessThanOrEqual(count(texts) + 16 * 64);
    }),
    { numRuns: 300 },
  );
});

test('what is left of a text tells nobody a message: there is nothing to be found in it', () => {
  fc.assert(
    fc.property(fc.oneof(text, denser, repeated), fc.constantFrom('mark' as const, 'strip' as const), (original, handling) => {
      expect(removeHiddenText(removeHiddenText(original, handling).text, 'pass').rules).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

/** Tag characters say a message; each of them here in halves, with what is taken out between them. */
const inHalves = Array.from('send it', (letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0)))
  .map((tag) => `${tag.charAt(0)}\u200B${tag.charAt(1)}`)
  .join('');

// found by the property above
test.each([
  ['halves of characters', inHalves, /[\u{E0000}-\u{E007F}]/u],
  ['joiners behind selectors', '\uFE0F\u200D\uFE0F\u200C\uFE0F\u200D', /[\u200C\u200D]/],
  ['joiners behind selectors of ideographs', '\u{E0101}\u200D\u{E0102}\u200C', /[\u200C\u200D]/],
  ['joiners behind selectors of Mongolian', '\u180B\u200D\u180C\u200C', /[\u200C\u200D]/],
  ['breaks behind selectors', '\uFE0Fส\uFE0F\u200Bส', /[\u200B]/],
  ['selectors of Mongolian by the dozen', `ᠠ${'\u180B\u180C\u180D'.repeat(4)}`, /[\u180B-\u180D]{2}/],
])('T-50: no message is left of what is taken out of a name: %s', (_name, written, left) => {
  const name = `Adds ${written} two numbers.`;
  expect(removeUnseen(name)).not.toMatch(left);
  expect(removeUnseen(name)).not.toBe(name);
});

test.each([
  ['a variant of a Mongolian letter, and one that joins', 'ᠠ\u180Bᠠ\u200D'],
  ['a joiner behind a variant of a Mongolian letter', 'ᠠ\u180B\u200Dᠠ'],
  ['a conjunct of Hindi', 'क\u094D\u200Dष'],
  ['Persian', 'می\u200Cخواهم'],
  ['Thai', 'สวัสดี\u200Bครับ'],
  ['half of a character', 'a\uD83D b\uDE00'],
])('what a script needs stays: %s', (_name, text) => {
  expect(removeHiddenText(text, 'strip')).toEqual({ text, places: 0, rules: [] });
  expect(removeUnseen(text)).toBe(text);
});
