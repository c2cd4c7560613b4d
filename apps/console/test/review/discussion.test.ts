import { expect, test } from 'vitest';

import { describeAct } from '../../src/features/review/discussion/describe-act.ts';

const by = { id: 'p', name: 'Ada', email: null };
const act = { by, breakGlass: false, takesTwo: false, asksOwner: null, withoutOwner: false, finding: null } as const;

test.each([
  ['Ada decided', { ...act, action: 'review.decide' }],
  ['Ada decided, which takes a second person', { ...act, action: 'review.decide', takesTwo: true }],
  ['Ada decided alone, by break-glass', { ...act, action: 'review.decide', takesTwo: true, breakGlass: true }],
  ['Ada confirmed the decision as the second person', { ...act, action: 'review.confirm' }],
  ['Ada decided, which takes the consent of Ben', { ...act, action: 'review.decide', asksOwner: 'Ben' }],
  [
    'Ada decided, which takes a second person and the consent of Ben',
    { ...act, action: 'review.decide', takesTwo: true, asksOwner: 'Ben' },
  ],
  ['Ada agreed, who owns the server', { ...act, action: 'review.consent' }],
  ['Ada went on without the owner of the server', { ...act, action: 'review.consent', withoutOwner: true }],
  ['Ada took the decision back', { ...act, action: 'review.take_back' }],
  [
    'Ada acknowledged a finding in read_order',
    { ...act, action: 'review.settle_finding', finding: { name: 'read_order', state: 'acknowledged' } },
  ],
  [
    'Ada said that it is no problem what was found in read_order',
    { ...act, action: 'review.settle_finding', finding: { name: 'read_order', state: 'not_a_problem' } },
  ],
  [
    'Ada opened again a finding in read_order',
    { ...act, action: 'review.settle_finding', finding: { name: 'read_order', state: 'open' } },
  ],
  ['What was approved here lapsed', { ...act, action: 'review.expire', by: null }],
] as const)('%s', (sentence, event) => {
  expect(describeAct(event)).toBe(sentence);
});
