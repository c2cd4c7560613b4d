import { expect, test } from 'vitest';

import { hideUsualMarks } from '../../src/findings/direction-marks.ts';

const hide = (text: string) => hideUsualMarks(text, text);

test.each([
  ['שלום!\u200F and on', 'שלום!. and on'],
  ['\u200Fשלום', '.שלום'],
  ['(\u200E12) مرحبا', '(.12) مرحبا'],
  [`ש${'.'.repeat(20)}\u200F`, `ש${'.'.repeat(20)}.`],
  [`\u200F${'.'.repeat(20)}ש`, `.${'.'.repeat(20)}ש`],
  // of Arabic itself
  ['\u061C\u061C', '..'],
  ['\u{1EE00}\u200F', '\u{1EE00}.'],
  ['\u{1F600}\u200F ש', '\u{1F600}. ש'],
])('a mark near a script that is read from the right is usual: %j', (text, hidden) => {
  expect(hide(text)).toBe(hidden);
  expect(hide(text)).toHaveLength(text.length);
});

test.each([
  ['Adds two numbers.\u200F'],
  [`ש${'.'.repeat(21)}\u200F`],
  [`\u200F${'.'.repeat(21)}ש`],
  ['ש a \u200F'],
  ['\u200F a ש'],
  ['\u200E\u200F'],
  ['\u202Eש'],
  [''],
])('any other is not: %j', (text) => expect(hide(text)).toBe(text));
