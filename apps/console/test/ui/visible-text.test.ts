import { expect, test } from 'vitest';

import { countHidden, splitIntoRuns } from '../../src/ui/text/visible-text.ts';

const showText = (text: string): string =>
  splitIntoRuns(text)
    .map((run) => (run.hidden ? `<${run.codePoint} ${run.name}>` : run.text))
    .join('');

test('plain text, accents, emoji and line breaks are left alone', () => {
  const text = 'Grüße 你好 مرحبا 🙂\n\tSecond line';
  expect(splitIntoRuns(text)).toEqual([{ hidden: false, text }]);
});

test('T-50: a right-to-left override is shown with its name', () => {
  expect(showText('read\u202Eeteled')).toBe('read<U+202E right-to-left override>eteled');
});

test('T-50: zero width characters, tags and odd spaces are shown', () => {
  expect(showText('a\u200Bb')).toBe('a<U+200B zero width space>b');
  expect(showText('x\u{E0069}\u{E0067}')).toBe('x<U+E0069 tag "i"><U+E0067 tag "g">');
  expect(showText('1\u00A02\u3164')).toBe('1<U+00A0 no-break space>2<U+3164 invisible character>');
  expect(showText('a\u001B[31m')).toBe('a<U+001B escape>[31m');
  expect(showText('a\uFE0F')).toBe('a<U+FE0F variation selector>');
});

test('T-50: every character that is not shown as it is counts as hidden', () => {
  expect(countHidden('a\u200B\u200Bb\u202E')).toBe(3);
  expect(countHidden('a b')).toBe(0);
});
