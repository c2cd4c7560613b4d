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
}: Pick<Act, 'action' | 'by' | 'breakGlass' | 'takesTwo' | 'asksOwner' | 'withoutOwner'>): string {
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
    case 'review.expire':
      return 'What was approved here lapsed';
  }
}

/** Who had to come after a decision. */
function describeMissing(takesTwo: boolean, asksOwner: string | null): string {
  if (!takesTwo) return asksOwner === null ? '' : `, which takes the consent of ${asksOwner}`;
  return asksOwner === null ? ', which takes a second person' : `, which takes a second person and the consent of ${asksOwner}`;
}
