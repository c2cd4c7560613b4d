import { expect, test } from 'vitest';

import { describeAct } from '../../src/features/review/discussion/describe-act.ts';

const by = { id: 'p', name: 'Ada', email: null };
const act = { by, breakGlass: false, takesTwo: false } as const;

test.each([
  ['Ada decided', { ...act, action: 'review.decide' }],
  ['Ada decided, which takes a second person', { ...act, action: 'review.decide', takesTwo: true }],
  ['Ada decided alone, by break-glass', { ...act, action: 'review.decide', takesTwo: true, breakGlass: true }],
  ['Ada confirmed the decision as the second person', { ...act, action: 'review.confirm' }],
  ['Ada took the decision back', { ...act, action: 'review.take_back' }],
  ['What was approved here lapsed', { ...act, action: 'review.expire', by: null }],
] as const)('%s', (sentence, event) => {
  expect(describeAct(event)).toBe(sentence);
});
