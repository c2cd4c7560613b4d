import { expect, test } from 'vitest';

import { describeResult, formatMs, getCallWords } from '../../src/ui/entity/call-words.ts';

const unread = { nameFingerprint: null, reasonCode: 'request_malformed' };
const unknown = { nameFingerprint: 'f', reasonCode: 'prompt_unknown' };

test('what was called goes by its kind; a name is unknown only when it was read', () => {
  expect(getCallWords({ method: 'prompts/get', ...unknown })).toEqual({
    word: 'Prompt',
    verb: 'got the prompt',
    unnamed: 'unknown prompt',
    tried: 'asked for an unknown prompt',
  });
  expect(getCallWords({ method: 'prompts/get', ...unread })).toMatchObject({ unnamed: 'prompt, name not read' });
  expect(getCallWords({ method: 'resources/read', ...unread })).toMatchObject({
    tried: 'asked for a resource whose name was not read',
  });
});

test('whoever was not let in has asked for nothing that is known or unknown', () => {
  const refused = { method: 'tools/call', nameFingerprint: 'f', reasonCode: 'identity_expired' } as const;
  expect(getCallWords(refused)).toMatchObject({ unnamed: 'tool, not looked up', tried: 'was not let in to use a tool' });
  expect(getCallWords({ ...refused, reasonCode: 'tool_unknown' })).toMatchObject({ unnamed: 'unknown tool' });
});

test('a refused request that is no call goes by its method, and one that was not read says so', () => {
  expect(getCallWords({ method: 'tools/list', ...unread })).toMatchObject({ unnamed: 'tools/list', tried: 'sent tools/list' });
  expect(getCallWords({ method: null, ...unread })).toMatchObject({
    word: 'Request',
    unnamed: 'unread request',
    tried: 'sent a request that was not read',
  });
});

test('a result is what came back, or why nothing did', () => {
  const call = { outcome: 'allowed', reasonCode: 'ok', resultSummary: 'text (12)' } as const;
  expect(describeResult(call)).toBe('text (12)');
  expect(describeResult({ ...call, resultSummary: null })).toBe('–');
  expect(describeResult({ ...call, outcome: 'denied', reasonCode: 'agent_revoked' })).toBe('the agent was revoked');
});

test.each([
  [0.04, '0.0'],
  [9.94, '9.9'],
  [9.96, '10'],
  [1_234.5, '1,235'],
])('%d ms read as %s', (ms, text) => {
  expect(formatMs(ms)).toBe(text);
});
