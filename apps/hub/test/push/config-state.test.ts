import { expect, test } from 'vitest';

import { ConfigState } from '../../src/push/config-state.ts';

const ANSWER_MS = 1_000;

function makeSpoken(appliedVersion = 0): ConfigState {
  const state = new ConfigState();
  state.recordStatus({ nonce: null, appliedVersion, rejectedVersion: null });
  return state;
}

test('nothing is pushed before the agent has said what it serves', () => {
  expect(new ConfigState().getFloor(0, ANSWER_MS)).toBeNull();
  expect(makeSpoken(4).getFloor(0, ANSWER_MS)).toBe(4);
});

test('one push at a time: the next waits for the answer, or for its time to run out', () => {
  const state = makeSpoken(1);
  state.recordPush({ nonce: 'a', version: 2 }, 100);
  expect(state.getFloor(500, ANSWER_MS)).toBeNull();
  expect(state.getFloor(1_100, ANSWER_MS)).toBe(1);
  state.recordStatus({ nonce: 'a', appliedVersion: 2, rejectedVersion: null });
  expect(state.getFloor(500, ANSWER_MS)).toBe(2);
});

test('an answer to an older push does not settle the newer one', () => {
  const state = makeSpoken(1);
  state.recordPush({ nonce: 'b', version: 3 }, 0);
  state.recordStatus({ nonce: 'a', appliedVersion: 2, rejectedVersion: null });
  expect(state.getFloor(0, ANSWER_MS)).toBeNull();
});

test('what was refused is not sent again until something newer exists', () => {
  const state = makeSpoken(1);
  state.recordPush({ nonce: 'a', version: 2 }, 0);
  state.recordStatus({ nonce: 'a', appliedVersion: 1, rejectedVersion: 2 });
  expect(state.getFloor(0, ANSWER_MS)).toBe(2);
  state.recordStatus({ nonce: null, appliedVersion: 1, rejectedVersion: null });
  expect(state.getFloor(0, ANSWER_MS)).toBe(2);
});

test('a push that the agent could not read counts as refused', () => {
  const state = makeSpoken(1);
  state.recordUnreadable();
  expect(state.getFloor(0, ANSWER_MS)).toBe(1);
  state.recordPush({ nonce: 'a', version: 5 }, 0);
  state.recordUnreadable();
  expect(state.getFloor(0, ANSWER_MS)).toBe(5);
});
