import { expect, test } from 'vitest';

import { readListedOffer } from '../../src/features/server/discovery/left-out.ts';

const LISTED = [
  '3 tools',
  'left out pay: a secret (key-name) seems to stand at /inputSchema/properties/apiKey/default; take it out of the server',
  'left out ask: it holds a credential of this agent',
  'prompts could not be listed: timed out; try later',
  'what may be personal data leaves with contact',
].join('; ');

const makeStages = (list: string | undefined, done?: string) => [
  { stage: 'list', status: 'started' },
  { stage: 'list', status: 'passed', detail: list },
  { stage: 'done', status: 'passed', ...(done !== undefined && { detail: done }) },
];

test('what a look left out is told note by note, in words, with what helps where a secret is the reason', () => {
  expect(readListedOffer(makeStages(LISTED))).toEqual({
    counts: '3 tools',
    leftOut: [
      'left out pay: what reads as a secret (the value of a secret field) seems to stand at /inputSchema/properties/apiKey/default; take it out of the server',
      'left out ask: it holds a credential of this agent',
      'prompts could not be listed: timed out; try later',
    ],
    personal: ['what may be personal data leaves with contact'],
    hasSecret: true,
  });
});

test('what this console left out is told too, and a look without notes has none', () => {
  expect(readListedOffer(makeStages('4 tools'))).toEqual({ counts: '4 tools', leftOut: [], personal: [], hasSecret: false });
  expect(readListedOffer([])).toEqual({ counts: null, leftOut: [], personal: [], hasSecret: false });
  expect(readListedOffer(makeStages('1 tool', '1 left out. "a": too large')).leftOut).toEqual(['1 left out. "a": too large']);
});
