import { expect, test } from 'vitest';

test('T-01: cited, and not named by its entry', () => {
  expect(1).toBe(1);
});

test('T-99: an id that nobody entered', () => {
  expect(1).toBe(1);
});

test('T-7: an id of one digit', () => {
  expect(1).toBe(1);
});

test('T-100: an id of three digits', () => {
  expect(1).toBe(1);
});
