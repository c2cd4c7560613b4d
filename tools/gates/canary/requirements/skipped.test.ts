import { describe, expect, test } from 'vitest';

// test('T-03: a title in a comment', () => {});

test.skip('T-03: skipped', () => {
  expect('T-03').toBe('T-03');
});

test.todo('T-03: planned');

test('T-03: a body that does nothing', () => {});

test('T-03: without a body');

test.skipIf(true)('T-03: skipped whatever the machine', () => {
  expect('T-03').toBe('T-03');
});

test('T-03: switched off', { skip: true }, () => {
  expect('T-03').toBe('T-03');
});

test('T-03: gives up', ({ skip }) => {
  skip();
});

describe('T-03: a group of nothing', () => {});

describe.skip('a group that is skipped', () => {
  test('T-03: in it', () => {
    expect('T-03').toBe('T-03');
  });
});
