import { describe, expect, test } from 'vitest';

import { findByteLists } from '../src/byte-lists.ts';
import { findLetterLists } from '../src/letter-lists.ts';

const SECRET = 'orders-key-4711';
const holds = (decoded: string) => decoded.includes(SECRET);
const bytes = [...Buffer.from(SECRET)];
const formatHex = (byte: number) => byte.toString(16).padStart(2, '0');

describe('a list of bytes', () => {
  test.each([
    ['decimals', JSON.stringify(bytes)],
    ['decimals with blanks', bytes.join(' ')],
    ['hex with 0x', bytes.map((byte) => `0x${formatHex(byte)}`).join(', ')],
    ['hex with colons', bytes.map(formatHex).join(':')],
    ['an object by place', JSON.stringify(Object.fromEntries(bytes.entries()))],
    ['hex of a string', bytes.map((byte) => `\\x${formatHex(byte)}`).join('')],
  ])('%s is found as a whole', (_name, written) => {
    const text = `before ${written} behind`;
    const spans = findByteLists(text, holds);
    expect(spans.length).toBeGreaterThan(0);
    // what stands before its first number, as `0x` or a key, tells nothing
    expect(spans[0]?.start).toBeLessThanOrEqual(text.indexOf(String(written)) + '{"0":'.length);
    expect(Math.max(...spans.map(({ end }) => end))).toBeGreaterThanOrEqual(text.indexOf(written) + written.length - 1);
  });

  test.each([
    ['another text', JSON.stringify([...Buffer.from('nothing of that kind')])],
    ['prices', '[12, 15, 99, 100, 120, 300, 4000]'],
    ['prose', 'There are 3 of them, 15 more, and then nothing for 12 days.'],
    ['nothing', ''],
  ])('%s is not', (_name, text) => {
    expect(findByteLists(text, holds)).toEqual([]);
  });
});

describe('a list of letters', () => {
  test.each([
    ['JSON', JSON.stringify(Array.from(SECRET))],
    ['lines', Array.from(SECRET).join('\n')],
    ['JSON over several lines', JSON.stringify(Array.from(SECRET), null, 2)],
  ])('in %s is found', (_name, written) => {
    expect(findLetterLists(`before ${written} behind`, holds).length).toBeGreaterThan(0);
  });

  test.each([
    ['other letters', JSON.stringify(Array.from('nothing of that kind'))],
    ['prose', 'I a m here, as a rule.'],
    ['nothing', ''],
  ])('of %s is not', (_name, text) => {
    expect(findLetterLists(text, holds)).toEqual([]);
  });
});
