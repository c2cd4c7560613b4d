import type { ReviewDetail } from '../summary.ts';

type Act = Extract<ReviewDetail['timeline'][number], { kind: 'act' }>;

/** "Ada decided, which takes a second person": what somebody did with a review. */
export function describeAct({
  action,
  by,
  breakGlass,
  takesTwo,
}: Pick<Act, 'action' | 'by' | 'breakGlass' | 'takesTwo'>): string {
  const who = by?.name ?? 'Nobody';
  switch (action) {
    case 'review.decide':
      if (breakGlass) return `${who} decided alone, by break-glass`;
      return takesTwo ? `${who} decided, which takes a second person` : `${who} decided`;
    case 'review.confirm':
      return `${who} confirmed the decision as the second person`;
    case 'review.take_back':
      return `${who} took the decision back`;
    case 'review.expire':
      return 'What was approved here lapsed';
  }
}
