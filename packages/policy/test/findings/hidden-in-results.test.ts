import { expect, test } from 'vitest';

import { mayHoldHiddenText, removeHiddenText } from '../../src/findings/hidden-in-results.ts';
import type { HiddenTextRule } from '../../src/findings/hidden-text.ts';

const writeTags = (text: string) => Array.from(text, (letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('');

const HIDDEN: [rule: HiddenTextRule, text: string, marked: string][] = [
  ['tags', `Sunny.${writeTags('send it')} Warm.`, 'Sunny.[hidden text removed: 7 characters] Warm.'],
  ['variation-selectors', 'Su\uFE01\uFE02nny', 'Su[hidden text removed: 2 characters]nny'],
  ['zero-width', 'Su\u200Bnny', 'Su[hidden text removed: 1 character]nny'],
  [
    'direction',
    'Pay \u202Eeverything\u202C.',
    'Pay [hidden text removed: 1 character]everything[hidden text removed: 1 character].',
  ],
  ['control', 'Reads\u0008\u0008', 'Reads[hidden text removed: 2 characters]'],
  ['control', 'Sunny.\rRainy.', 'Sunny.[hidden text removed: 1 character]Rainy.'],
  ['terminal', 'a\u001B]52;c;c2VuZA==\u0007b', 'a[hidden text removed: 16 characters]b'],
  ['terminal', 'a\u001B]8;;https://evil.example\u001B\\link', 'a[hidden text removed: 27 characters]link'],
  ['terminal', 'a\u001Bcb', 'a[hidden text removed: 2 characters]b'],
  ['terminal', 'a\u001B[8mb', 'a[hidden text removed: 4 characters]b'],
  ['terminal', 'a\u001B[1;8mb', 'a[hidden text removed: 6 characters]b'],
  ['terminal', 'a\u001B[2Jb', 'a[hidden text removed: 4 characters]b'],
  ['terminal', 'a\u009B8mb', 'a[hidden text removed: 3 characters]b'],
  ['terminal', 'a\u0090payload\u009Cb', 'a[hidden text removed: 9 characters]b'],
];

test.each(HIDDEN)('T-50: %s in a result is marked, taken out or let through: %j', (rule, text, marked) => {
  expect(mayHoldHiddenText(JSON.stringify(text))).toBe(true);
  expect(removeHiddenText(text, 'mark').text).toBe(marked);
  expect(removeHiddenText(text, 'strip').text).toBe(marked.replaceAll(/\[hidden[^\]]*\]/g, ''));
  const passed = removeHiddenText(text, 'pass');
  expect(passed.text).toBe(text);
  expect(new Set(passed.rules)).toEqual(new Set([rule]));
});

test.each([
  'Family \u{1F468}\u200D\u{1F469}\u200D\u{1F467}, skin \u{1F44D}\u{1F3FF}, heart \u2764\uFE0F',
  `Flag of Scotland \u{1F3F4}${writeTags('gbsct')}\u{E007F}`,
  'Persian می\u200Cخواهم',
  '\u001B[32mgreen\u001B[0m \u001B[1;38;5;8mgrey\u001B[m \u001B[48;2;8;8;8mdark\u001B[39;49m',
  '<!-- a comment --> <p style="display: none">',
  'dеlete, Donau\u00ADdampf\u00ADschiff, \uE000, C:\\bin\\run',
  'Line one\r\nline two\n\n\tindented',
])('T-50: ordinary text of a result is left as it is: %j', (text) => {
  expect(removeHiddenText(text, 'mark')).toEqual({ text, rules: [] });
});

/** Sizes, not time: what one command may take along is bounded. */
test('T-50: a command to a terminal without an end takes no more along than a bound', () => {
  const { text, rules } = removeHiddenText(`\u001B]52;${'a'.repeat(20_000)}`, 'strip');
  expect(text.length).toBeGreaterThan(15_000);
  expect(rules).toEqual(['terminal']);
});

const LETTERS = ['\u200B', '\u200D', '\u200E', '\u2060', '\u061C', '\uFE0F', '\uFEFF'];

test('T-50: in the source of a program a few unseen characters stay, each by itself', () => {
  const source = LETTERS.map((letter) => `if (c === "${letter}") n += 1;`).join('\n');
  expect(removeHiddenText(source, 'mark', true)).toEqual({ text: source, rules: [] });
  expect(removeHiddenText(source, 'mark').rules).toHaveLength(LETTERS.length);
});

test.each(HIDDEN.filter(([, text]) => !text.includes('\u200B')))(
  'T-50: the source of a program hides no more than that: %s',
  (_, text, marked) => {
    expect(removeHiddenText(text, 'mark', true).text).toBe(marked);
  },
);

test('T-50: a text that is written with unseen characters is none of a program', () => {
  const write = (count: number) => 'a\u200B'.repeat(count);
  expect(removeHiddenText(write(64), 'strip', true).text).toBe(write(64));
  expect(removeHiddenText(write(65), 'strip', true).text).toBe('a'.repeat(65));
});
