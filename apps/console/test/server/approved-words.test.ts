import { expect, test } from 'vitest';

import { describeApproved, describeApprovedTotal } from '../../src/features/server/approved-words.ts';

const NONE = { tool: 0, prompt: 0, resource: 0, template: 0, instructions: 0 };

test.each([
  [{ ...NONE, tool: 17 }, { ...NONE, tool: 3 }, '3 of 17 tools', '3 of 17 entries'],
  [{ ...NONE, tool: 1 }, NONE, '0 of 1 tool', '0 of 1 entry'],
  [
    { ...NONE, tool: 17, prompt: 14 },
    { ...NONE, tool: 3, prompt: 14 },
    '3 of 17 tools, 14 of 14 other entries',
    '17 of 31 entries',
  ],
  [{ ...NONE, tool: 2, instructions: 1 }, NONE, '0 of 2 tools, 0 of 1 other entry', '0 of 3 entries'],
  [{ ...NONE, prompt: 3 }, { ...NONE, prompt: 3 }, '3 of 3 entries', '3 of 3 entries'],
])('%j, of which %j are approved: %s; in few words %s', (offered, approved, full, total) => {
  expect(describeApproved({ offered, approved })).toBe(full);
  expect(describeApprovedTotal({ offered, approved })).toBe(total);
});
