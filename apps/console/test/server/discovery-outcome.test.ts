import { expect, test } from 'vitest';

import { describeOutcome } from '../../src/features/server/discovery/discovery-panel.tsx';

const found = { tool: 3, prompt: 0, resource: 0, template: 0, instructions: 1 };

test('what was decided on before is not said to wait', () => {
  expect(describeOutcome({ openReviewId: 'r', found, waitingCount: 4 })).toBe('None of it can be used before a review.');
  expect(describeOutcome({ openReviewId: 'r', found, waitingCount: 1 })).toBe(
    '1 of it waits for a review. What was decided on before counts meanwhile.',
  );
  expect(describeOutcome({ openReviewId: null, found, waitingCount: 0 })).toBe('Nothing of it waits for a review.');
});
