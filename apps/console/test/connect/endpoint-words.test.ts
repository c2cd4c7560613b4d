import { expect, test } from 'vitest';

import { describeSilence, findUsable } from '../../src/features/connect/endpoint-words.ts';

test('people are sent to an address where an agent is heard of, else to any, and told when nobody knows whether it is served', () => {
  const none = { siteName: 'A', url: null, isHeard: true };
  const silent = { siteName: 'B', url: 'http://b', isHeard: false };
  const heard = { siteName: 'C', url: 'http://c', isHeard: true };
  expect(findUsable([none, silent, heard])).toBe(heard);
  expect(findUsable([none, silent])).toBe(silent);
  expect(findUsable([none])).toBeUndefined();
  expect(describeSilence(heard)).toBeNull();
  expect(describeSilence(silent)).toContain('No agent at the site B is heard of');
});
