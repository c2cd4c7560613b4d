import { expect, test } from 'vitest';

import { findConnectedAgentId } from '../../src/features/server/form/server-form.ts';

test('of agents that count as connected one that still is comes before one that just went', () => {
  const gone = { id: 'gone', status: 'Connected', disconnectedAt: new Date() } as const;
  const here = { id: 'here', status: 'Connected', disconnectedAt: null } as const;
  const late = { id: 'late', status: 'Late', disconnectedAt: null } as const;
  expect(findConnectedAgentId([late, gone, here])).toBe('here');
  expect(findConnectedAgentId([late, gone])).toBe('gone');
  expect(findConnectedAgentId([late])).toBe('');
});
