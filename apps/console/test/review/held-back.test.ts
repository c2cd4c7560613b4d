import { createElement, type ReactElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';

import { EntryNotes } from '../../src/features/review/entry-notes.tsx';
import { HeldBackCard } from '../../src/features/review/held-back.tsx';
import { describeReview, type ReviewDetail } from '../../src/features/review/summary.ts';
import { makeReview, makeTool } from './make-review.ts';

type Look = ReviewDetail['heldBack'][number];
type Part = Look['parts'][number];
const makePart = (change: Partial<Part> = {}): Part => ({
  kind: 'tool',
  name: 'pay',
  pointer: null,
  keyword: null,
  cause: 'unsound',
  reason: 'it cannot be read',
  ...change,
});
const makeLook = (parts: Part[], more = 0): Look => ({
  site: { id: 's', name: 'Helsinki' },
  agentName: 'north',
  lookedAt: new Date(0),
  parts,
  more,
});
/** What is read of it. */
const read = (element: ReactElement) =>
  renderToStaticMarkup(element)
    .replaceAll(/<[^>]+>/g, '|')
    .replaceAll(/\|+/g, '|');
const render = (heldBack: Look[]) => read(createElement(HeldBackCard, { heldBack }));

test('all that was left out is listed whole, definition by definition, with each keyword, place and reason', () => {
  const place = `/inputSchema/properties/${'long'.repeat(200)}`;
  const parts = Array.from({ length: 120 }, (_, index) => [
    makePart({ name: `tool_${index}`, pointer: place, keyword: 'pattern', reason: `a reason ${'of many words '.repeat(30)}` }),
    makePart({ name: `tool_${index}`, pointer: '/inputSchema/$ref', keyword: '$ref' }),
  ]).flat();
  const html = render([makeLook(parts)]);
  expect(html).toContain('120 definitions of this server are left out at Helsinki, as agent north saw the server');
  // of fifty, what fits a screen at once
  expect(html.split(place).length - 1).toBe(10);
  expect(html).toContain('|, keyword |pattern| |/inputSchema/properties/long');
  expect(html).not.toContain('keyword |$ref');
  expect(html).toContain('Show 50 more of 70');
  expect(render([makeLook(parts.slice(0, 4))])).not.toContain('more of');
});

test('what a list or a name keeps at the site is said in words, a secret by its kind with what helps, and how much more there was', () => {
  const html = render([
    makeLook(
      [
        makePart({ kind: 'prompt', name: null, cause: 'unlisted', reason: 'prompts could not be listed: timed out' }),
        makePart({
          kind: 'resource',
          name: null,
          cause: 'secret',
          pointer: '/uri',
          reason: 'a secret (token) seems to stand there',
        }),
        makePart({
          kind: 'instructions',
          name: 'instructions',
          cause: 'credential',
          reason: 'it holds a credential of this agent',
        }),
      ],
      7,
    ),
  ]);
  for (const text of [
    'The list of prompts',
    'A resource whose name stays at the site',
    'what reads as a secret (a token) seems to stand there',
    'Instructions',
    '7 more reasons are only counted',
    'Ask whoever runs the server to take it out',
  ])
    expect(html).toContain(text);
  expect(render([])).toBe('');
});

test('an entry says what clients do not get of it, how its schemas are read, and what else was left out under its name', () => {
  const entry = makeTool('pay', {
    notShown: [{ pointer: '/outputSchema', reason: 'it is no schema' }],
    schemaNotes: [{ pointer: '/inputSchema/properties/n/type', keyword: 'type', reason: 'it is read as: integer' }],
  });
  const heldBack = [
    makeLook([makePart({ cause: 'repeated', reason: 'the server defines it twice' }), makePart({ name: 'other' })]),
  ];
  const html = read(createElement(EntryNotes, { entry, heldBack }));
  expect(html).toContain('|/outputSchema|: |it is no schema|');
  expect(html).toContain('|/inputSchema/properties/n/type|: |it is read as: integer|');
  expect(html).toContain('the server defines it twice');
  expect(html).not.toContain('cannot be read');
  expect(read(createElement(EntryNotes, { entry: makeTool('plain'), heldBack }))).toBe('');
  const sentences = describeReview({ ...makeReview([entry]), heldBack });
  expect(sentences).toContain('AI clients do not get all of pay: the entry says which part, and why.');
  expect(sentences.join(' ')).toContain('The server has more than is here');
});
