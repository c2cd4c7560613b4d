import { expect, test } from 'vitest';

import { describeCounts } from '../../src/documents/entry-counts.ts';

const NONE = { tool: 0, prompt: 0, resource: 0, template: 0, instructions: 0 };

test('counts name every kind that there is, and instructions without a number', () => {
  expect(describeCounts({ tool: 3, prompt: 1, resource: 2, template: 1, instructions: 1 })).toBe(
    '3 tools, 1 prompt, 2 resources, 1 resource template, instructions',
  );
  expect(describeCounts({ ...NONE, tool: 1 })).toBe('1 tool');
  expect(describeCounts(NONE)).toBe('nothing');
});
