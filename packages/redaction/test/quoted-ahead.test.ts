import { expect, test } from 'vitest';

import { QuotedAhead } from '../src/quoted-ahead.ts';
import { countWork } from '../src/testing/count-work.ts';

const toText = (letters: readonly number[]) => String.fromCharCode(...letters);
/** From each equals sign on. */
function readAll(text: string, most: number): string[] {
  const ahead = new QuotedAhead(text);
  return Array.from(text.matchAll(/=/g), ({ index }) => toText(ahead.read(index, text.length, most)));
}

test.each([
  ['=41b', 2, ['ab']],
  ['=\nabc', 2, ['ab']],
  ['=\n=\r\n=41=\nb', 2, ['ab', 'ab', 'ab', 'b']],
  ['=x', 4, ['=x']],
  ['=', 4, ['=']],
  ['=\u200B\n=c', 3, ['==c', '=c']],
])('from each equals sign of %j on, up to %i letters', (text, most, expected) => {
  expect(readAll(text, most)).toEqual(expected);
});

test('the letters before an end, and a place within what was read as one piece', () => {
  const ahead = new QuotedAhead('=41=42=43');
  expect(toText(ahead.read(0, 4, 9))).toBe('ab');
  expect(toText(ahead.read(1, 9, 9))).toBe('41bc');
  expect(toText(ahead.read(6, 9, 9))).toBe('c');
});

test('soft line breaks by the thousand are read once, and let go', () => {
  const text = `${'=\n'.repeat(5_000)}abcd`;
  expect(new Set(readAll(text.slice(-300), 4))).toEqual(new Set(['abcd']));
  expect(countWork(() => readAll(text, 4))).toBeLessThan(text.length * 30);
});
