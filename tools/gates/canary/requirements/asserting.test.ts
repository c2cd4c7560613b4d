import { expect, test } from 'vitest';

const computeTwice = (): void => expect(1 + 1).toBe(2);
function checkAll(): void {
  computeTwice();
}

test('T-06: asserts in a function that it calls', () => {
  checkAll();
});
