import { expect, test } from 'vitest';

import { HiddenTextHandling } from '@gatehouse/policy/documents/profile';

import { ClientText } from '../../src/call/client-text.ts';
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

test.each([
  ['the page of an app', { uri: 'ui://chart/page', mimeType: 'text/html;profile=mcp-app', text: SOURCE }, SOURCE],
  ['another page', { uri: 'ui://chart/page', mimeType: 'text/html', text: SOURCE }, SOURCE.replace('\u200D', '')],
  [
    'a page elsewhere',
    { uri: 'https://a.example', mimeType: 'text/html;profile=mcp-app', text: SOURCE },
    SOURCE.replace('\u200D', ''),
  ],
])('T-50: %s keeps the characters that its program works with, or has none', (_, resource, text) => {
  const clean = new ClientText(new CredentialScrub(), { hiddenText: 'strip' });
  expect(clean.toJson({ contents: [resource] })).toBe(JSON.stringify({ contents: [{ ...resource, text }] }));
});

const PAGE = { uri: 'ui://chart/page', mimeType: 'text/html;profile=mcp-app', text: SOURCE };

test.each([
  ['a text of a tool', { content: [{ type: 'text', ...PAGE }] }],
  ['a resource in the result of a tool', { content: [{ type: 'resource', resource: PAGE }] }],
  ['the data of a tool', { structuredContent: { contents: [PAGE] } }],
  ['one of several', { contents: [PAGE, PAGE] }],
])('T-50: %s is no page, whatever its server calls it', (_, result) => {
  const clean = new ClientText(new CredentialScrub(), { hiddenText: 'strip' });
  expect(clean.toJson(result)).toBe(JSON.stringify(result).replaceAll('\u200D', ''));
});
