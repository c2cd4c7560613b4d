import { expect, test } from 'vitest';

import { listFirstRunSteps } from '../../src/features/overview/first-run-steps.ts';

const makeFact = (name: string) => ({ at: new Date('2026-11-02T10:02:00Z'), name });
const NONE = { workspace: makeFact('Acme'), agent: null, server: null, profile: null, call: null };
const listStates = (facts: Parameters<typeof listFirstRunSteps>[0]) => listFirstRunSteps(facts).map(({ state }) => state);

test('the first open step is next, the ones after it wait', () => {
  expect(listStates(NONE)).toEqual(['done', 'next', 'later', 'later', 'later']);
  expect(listStates({ ...NONE, agent: makeFact('helsinki-01') })).toEqual(['done', 'done', 'next', 'later', 'later']);
});

test('a waiting step names the step before it', () => {
  expect(listFirstRunSteps(NONE).map(({ needs }) => needs)).toEqual([null, null, 2, 3, 4]);
});

test('no step is ticked by the fact of another: a profile without a server leaves the server open', () => {
  expect(listStates({ ...NONE, agent: makeFact('a'), profile: makeFact('Support') })).toEqual([
    'done',
    'done',
    'next',
    'done',
    'later',
  ]);
});

test('the last step is done only with a call', () => {
  const served = { ...NONE, agent: makeFact('a'), server: makeFact('b'), profile: makeFact('c') };
  expect(listStates(served).at(-1)).toBe('next');
  expect(listStates({ ...served, call: makeFact('get_order') })).toEqual(['done', 'done', 'done', 'done', 'done']);
});
