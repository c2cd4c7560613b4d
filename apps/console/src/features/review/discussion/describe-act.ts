import { writeVisible } from '../../../ui/text/visible-text.ts';
import type { ReviewDetail } from '../summary.ts';

type Act = Extract<ReviewDetail['timeline'][number], { kind: 'act' }>;

/** "Ada decided, which takes a second person": what somebody did with a review. */
export function describeAct({
  action,
  by,
  breakGlass,
  takesTwo,
  asksOwner,
  withoutOwner,
  finding,
}: Pick<Act, 'action' | 'by' | 'breakGlass' | 'takesTwo' | 'asksOwner' | 'withoutOwner' | 'finding'>): string {
  const who = by?.name ?? 'Nobody';
  switch (action) {
    case 'review.decide':
      if (breakGlass) return `${who} decided alone, by break-glass`;
      return `${who} decided${describeMissing(takesTwo, asksOwner)}`;
    case 'review.confirm':
      return `${who} confirmed the decision as the second person`;
    case 'review.consent':
      return withoutOwner ? `${who} went on without the owner of the server` : `${who} agreed, who owns the server`;
    case 'review.take_back':
      return `${who} took the decision back`;
    case 'review.settle_finding':
      return `${who} ${describeSettled(finding)}`;
    case 'review.expire':
      return 'What was approved here lapsed';
  }
}

const SETTLED = {
  open: 'opened again a finding in',
  acknowledged: 'acknowledged a finding in',
  not_a_problem: 'said that it is no problem what was found in',
} as const satisfies Record<NonNullable<Act['finding']>['state'], string>;

function describeSettled(finding: Act['finding']): string {
  return finding === null ? 'settled a finding' : `${SETTLED[finding.state]} ${writeVisible(finding.name)}`;
}

/** Who had to come after a decision. */
function describeMissing(takesTwo: boolean, asksOwner: string | null): string {
  if (!takesTwo) return asksOwner === null ? '' : `, which takes the consent of ${asksOwner}`;
  return asksOwner === null ? ', which takes a second person' : `, which takes a second person and the consent of ${asksOwner}`;
}
