import { expect, test } from 'vitest';

import { listFirstRunSteps } from '../../src/features/overview/first-run-steps.ts';

const fact = (name: string) => ({ at: new Date('2026-11-02T10:02:00Z'), name });
const NONE = { workspace: fact('Acme'), agent: null, server: null, profile: null, call: null };
const states = (facts: Parameters<typeof listFirstRunSteps>[0]) => listFirstRunSteps(facts).map(({ state }) => state);

test('the first open step is next, the ones after it wait', () => {
  expect(states(NONE)).toEqual(['done', 'next', 'later', 'later', 'later']);
  expect(states({ ...NONE, agent: fact('helsinki-01') })).toEqual(['done', 'done', 'next', 'later', 'later']);
});

test('a waiting step names the step before it', () => {
  expect(listFirstRunSteps(NONE).map(({ needs }) => needs)).toEqual([null, null, 2, 3, 4]);
});

test('no step is ticked by the fact of another: a profile without a server leaves the server open', () => {
  expect(states({ ...NONE, agent: fact('a'), profile: fact('Support') })).toEqual(['done', 'done', 'next', 'done', 'later']);
});

test('the last step is done only with a call', () => {
  const served = { ...NONE, agent: fact('a'), server: fact('b'), profile: fact('c') };
  expect(states(served).at(-1)).toBe('next');
  expect(states({ ...served, call: fact('get_order') })).toEqual(['done', 'done', 'done', 'done', 'done']);
});
