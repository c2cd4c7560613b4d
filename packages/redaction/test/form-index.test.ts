import { expect, test } from 'vitest';

import { createSecretFinder } from '../src/held-secrets.ts';
import { LetterRuns } from '../src/letter-runs.ts';

const SECRET = 'held-credential-value';
const bytes = Buffer.from(SECRET);
const FORMS = {
  plain: SECRET,
  'in capitals': SECRET.toUpperCase(),
  base64: bytes.toString('base64'),
  hex: bytes.toString('hex'),
  'with an escape at its beginning': SECRET.replace('h', '%68'),
  'with an escape soon behind it': SECRET.replace('l', '\\u006c'),
  'in quoted-printable': SECRET.replace('e', '=65'),
  'with what is not seen': Array.from(SECRET).join('\u200B'),
};

/** What may stand right before a credential: characters of two units, those that read as several letters, escapes, what is not seen. */
const BEFORE = [
  '\u{10000}',
  '\u{1F600}',
  '\u{1D41A}',
  'ﬁ',
  'ﷺ',
  '㎏',
  '㌖',
  '½',
  '…',
  '⑴',
  'é',
  'e\u0301',
  '\\ud83d\\ude00',
  '&#128512;',
  '%F0%9F%98%80',
  '%41',
  '&amp;',
  '\\u0041',
  '=41',
  '=\n',
  '\\',
  '\n',
  '\u200B',
  '\u001B[1m',
  'x',
];

test.each(Object.entries(FORMS))('T-28: a credential is found right behind any two characters: %s', (_name, written) => {
  const find = createSecretFinder([SECRET]);
  const missed = BEFORE.flatMap((one) =>
    BEFORE.flatMap((other) => ['', '\u{1F600}'].map((third) => one + other + third)).filter(
      (before) => find(`${before}${written} `).length === 0,
    ),
  );
  expect(missed).toEqual([]);
});

test.each(BEFORE)('T-28: a credential that begins with %j is found, also where it stands twice', (first) => {
  const secret = `${first}${first}${SECRET}`;
  const find = createSecretFinder([secret]);
  for (const text of [secret, `x${secret}`, `${secret}${secret}`, `${first}${secret}`, JSON.stringify(secret)])
    expect([text, find(text).length > 0]).toEqual([text, true]);
});

/** Runs of letters that end, with escapes between them that stand for as many letters as they say. */
function readRuns(parts: readonly (string | [text: string, letters: number])[]): { runs: LetterRuns; text: string } {
  const runs = new LetterRuns();
  let text = '';
  for (const part of parts) {
    if (typeof part === 'string') text += part;
    else {
      const [escape, letters] = part;
      runs.end(text.length, text.length);
      runs.addEscape(text.length, text.length + escape.length, letters);
      text += escape;
    }
  }
  return { runs, text };
}

test.each<[string, (string | [string, number])[], letters: number, start: number, found: number]>([
  ['in one run', ['abcdefghij'], 7, 3, 7],
  ['at the beginning of a text', ['abc'], 7, 0, 3],
  ['of nothing', [], 7, 0, 0],
  ['no letters', ['abc'], 0, 3, 0],
  ['over a backslash, which is none', ['ab\\cd'], 3, 1, 3],
  ['over an escape of one', ['abc', ['%41', 1], 'de'], 4, 2, 4],
  ['up to an escape of one', ['abc', ['%41', 1], 'de'], 3, 3, 3],
  ['within a character of two, which begins before', ['abc', ['\u{1F600}', 2], 'de'], 3, 3, 4],
  ['within one of eighteen', ['abc', ['ﷺ', 18], 'de'], 3, 3, 20],
  ['over what says nothing', ['abc', ['\u200B', 0], 'de'], 3, 2, 3],
  ['over seven escapes', Array.from('abcdefg', (letter): [string, number] => [letter, 1]), 7, 0, 7],
])('where letters begin is looked back for %s', (_name, parts, letters, start, found) => {
  const { runs, text } = readRuns(parts);
  expect(runs.findStart(text, text.length, letters)).toEqual([start, found]);
});

test('of secrets those are looked for that have eight letters', () => {
  expect(createSecretFinder(['seven77'])('seven77 seven77')).toEqual([]);
  expect(createSecretFinder(['eight888'])('eight888')).toEqual([{ start: 0, end: 8, rule: 'credential' }]);
  expect(createSecretFinder([])('anything')).toEqual([]);
});
