import { expect, test } from 'vitest';

import { HiddenTextHandling } from '@gatehouse/policy/documents/profile';

import { ClientText, type FoundHidden } from '../../src/call/client-text.ts';
import { CredentialScrub } from '../../src/secrets/credential-scrub.ts';

const SECRET = 'sk-live_51HxQz7pRw9Tf';

/** What nobody sees between two letters, as a terminal, a page or a font leaves it out. */
const hidden: Record<string, string> = {
  'a title': '\u001B]0;abc\u0007',
  'a long title': `\u001B]0;${'abc'.repeat(100)}\u001B\\`,
  'a link': '\u001B]8;;https://a.example\u001B\\',
  'the clipboard': '\u001B]52;c;YQ==\u0007',
  'a device string': '\u001BPq#0\u001B\\',
  'a program command': '\u001B_x\u001B\\',
  'a privacy message': '\u001B^x\u001B\\',
  'a string': '\u001BXx\u001B\\',
  'a title in one character': '\u009Dx\u009C',
  'hidden letters': '\u001B[8m',
  'a reset': '\u001Bc',
  'a set of letters': '\u001B(B',
  'a keypad': '\u001B=',
  'a cursor': '\u001B7',
  'a blank of braille': '\u2800',
  'a zero-width space': '\u200B',
  tags: '\u{E0041}\u{E0042}',
};

test.each(
  HiddenTextHandling.options.flatMap((handling) => Object.entries(hidden).map(([what, text]) => [handling, what, text] as const)),
)('T-28: with "%s" a credential is not put together again where %s stood between its letters', (handling, _, between) => {
  const scrub = new CredentialScrub();
  scrub.add(SECRET);
  const text = new ClientText(scrub, handling === 'mark' ? {} : { hiddenText: handling });
  const written = SECRET.slice(0, 9) + between + SECRET.slice(9);
  const answers = [
    text.toJson({ content: [{ type: 'text', text: written, [written]: [written] }] }),
    text.cleanText(written),
    JSON.stringify(text.cleanError({ code: 1, message: written, data: { written } })),
  ];
  for (const answer of answers) expect(answer).not.toContain(SECRET);
});

const SOURCE = 'const joins = (c) => c === "\u200D";';
const HIDDEN = 'a\u001B[8mb';

test.each([
  ['the page of an app', { contents: [{ uri: 'ui://chart/page', mimeType: 'text/html;profile=mcp-app', text: SOURCE }] }],
  ['a text of a tool', { content: [{ type: 'text', text: `page1\fpage2\v\b\u007F\u0000\u0085\r${SOURCE}` }] }],
  ['a resource in the result of a tool', { content: [{ type: 'resource', resource: { uri: 'file:///a', text: SOURCE } }] }],
  ['the data of a tool', { structuredContent: { '\u200Bkey': ['\u200B', '10\u2060%', { text: SOURCE }] } }],
])('T-50: %s keeps what a file ordinarily holds, with every handling', (_, result) => {
  for (const hiddenText of HiddenTextHandling.options) {
    const found: unknown[] = [];
    const clean = new ClientText(new CredentialScrub(), hiddenText === 'mark' ? {} : { hiddenText }, (each) => found.push(each));
    expect(clean.toJson(result)).toBe(JSON.stringify(result));
    expect(found).toEqual([]);
  }
});

test('T-50: an answer of many texts grows by a few marks, and shorter ones behind them', () => {
  const texts = Array.from({ length: 1_000 }, () => HIDDEN);
  const found: FoundHidden[] = [];
  const clean = new ClientText(new CredentialScrub(), {}, (each) => found.push(each));
  const json = clean.toJson({ structuredContent: { texts } });
  expect(json.match(/\[hidden text removed: 4 characters\]/g)).toHaveLength(16);
  expect(json.match(/a\uFFFDb/g)).toHaveLength(1_000 - 16);
  expect(found.reduce((places, each) => places + each.places, 0)).toBe(1_000);
});
